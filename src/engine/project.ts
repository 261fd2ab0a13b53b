import type { Finding } from '../doctor/finding.ts';
import type { Environment } from '../topology/deployment.ts';
import type { RuntimeKind, Topology } from '../topology/model.ts';

/** One environment of one project: what every verb is about. */
export interface Project {
  environment: Environment;
  topology: Topology;
  /** The devenv.yaml that says so, absolute; nothing when there is none. */
  declaredIn?: string | null;
  /** What the configuration asks for. */
  runtime: 'auto' | RuntimeKind;
  /** Whether an image was named by the user, in whatever place, rather than proposed by devenv. */
  namesImages: boolean;
  /** What the static rules of the doctor say about it; asked before anything is started or written. */
  findings(): Promise<readonly Finding[]>;
}

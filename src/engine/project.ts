import type { Environment } from '../topology/deployment.ts';
import type { RuntimeKind, Topology } from '../topology/model.ts';

/** One environment of one project: what every verb is about. */
export interface Project {
  environment: Environment;
  topology: Topology;
  /** What the configuration asks for. */
  runtime: 'auto' | RuntimeKind;
}

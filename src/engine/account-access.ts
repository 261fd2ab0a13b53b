import { adminAccess } from '../render/environment.ts';
import type { Deployment } from '../topology/deployment.ts';
import type { AccountAccess } from './world.ts';

/** devenv's access to each account that has JetStream. */
export const accountAccess = (deployment: Deployment): AccountAccess =>
  Object.fromEntries(
    deployment.topology.accounts
      .filter(({ jetstream }) => jetstream !== null)
      .map(({ name }) => [name, adminAccess(deployment, name)]),
  );

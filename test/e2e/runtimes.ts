import type { RuntimeKind } from '../../src/topology/model.ts';
import { dockerOrSkip } from '../helpers/docker-engine.ts';

/** A runtime that the scenarios run on, with the environment that its CLI calls need. */
export interface ScenarioRuntime {
  kind: RuntimeKind;
  env: Record<string, string>;
}

/** The process runtime always; docker when an engine answers (a missing one is told, and fails with CI=true). */
export async function scenarioRuntimes(): Promise<ScenarioRuntime[]> {
  const engine = await dockerOrSkip();
  const process: ScenarioRuntime = { kind: 'process', env: { DEVENV_RUNTIME: 'process' } };
  if (engine === undefined) return [process];
  const { nats, postgres, node } = engine.images;
  return [
    process,
    {
      kind: 'docker',
      env: {
        DEVENV_RUNTIME: 'docker',
        DEVENV_NATS_IMAGE: nats,
        DEVENV_POSTGRES_IMAGE: postgres,
        DEVENV_NODE_IMAGE: node,
      },
    },
  ];
}

import { describe } from 'vitest';
import type { RuntimeKind } from '../../src/topology/model.ts';
import { dockerOrSkip } from '../helpers/docker-engine.ts';

/** A runtime that the scenarios run on, with the environment that its CLI calls need. */
export interface ScenarioRuntime {
  kind: RuntimeKind;
  env: Record<string, string>;
}

/** undefined, with the reason printed, when none answers; with CI=true a missing one fails. */
const engine = await dockerOrSkip();

export const processRuntime: ScenarioRuntime = { kind: 'process', env: { DEVENV_RUNTIME: 'process' } };

export const dockerRuntime: ScenarioRuntime = {
  kind: 'docker',
  env: {
    DEVENV_RUNTIME: 'docker',
    ...(engine && {
      DEVENV_NATS_IMAGE: engine.images.nats,
      DEVENV_POSTGRES_IMAGE: engine.images.postgres,
      DEVENV_NODE_IMAGE: engine.images.node,
    }),
  },
};

export const withoutEngine = engine === undefined;

/** The same scenarios on both runtimes; without an engine those on docker are reported as skipped. */
export function onEachRuntime(title: string, scenarios: (runtime: ScenarioRuntime) => void): void {
  describe(`${title} on the process runtime`, () => scenarios(processRuntime));
  describe.skipIf(withoutEngine)(`${title} on the docker runtime`, () => scenarios(dockerRuntime));
}

import { hostVariables } from '../render/environment.ts';
import { serviceNames } from '../topology/deployment.ts';
import { authTest, authUsers, rotate, userVariables } from './auth.ts';
import { findCurrent, requireCurrent } from './current.ts';
import { down } from './down.ts';
import { compare, mend } from './drift.ts';
import type { Engine } from './engine.ts';
import { generate } from './generate.ts';
import { refuseFindings } from './preflight.ts';
import { runProbe } from './probe.ts';
import { clearProbeRemains } from './probe-remains.ts';
import type { Project } from './project.ts';
import { refuseUnknown, restart } from './restart.ts';
import { lastProbeOf } from './state.ts';
import { status } from './status.ts';
import { up } from './up.ts';
import type { World } from './world.ts';

/** The engine of one environment of one project, in the given world. */
export function createEngine(world: World, project: Project): Engine {
  const { environment, topology } = project;
  return {
    environment,
    topology,
    probes: world.probes,
    up: (options, call) => up(world, project, options, call),
    down: (options, call) => down(world, project, options, call),
    status: (call) => status(world, project, call),
    restart: (services, options, call) => restart(world, project, services, options, call),
    generate: async (directory, options, call) => {
      await refuseFindings(project, call);
      return generate(world, project, directory, options, call);
    },

    async look({ signal }) {
      const current = await findCurrent(world, project, signal);
      return current === null ? null : world.look(current.deployment, current.runtime, signal);
    },

    auth: {
      users: () => authUsers(topology),
      variables: (user, call) => userVariables(world, project, user, call),
      rotate: (users, options, call) => rotate(world, project, users, options, call),
      test: (users, call) => authTest(world, project, users, call),
    },

    drift: {
      compare: (call) => compare(world, project, call),
      mend: (options, call) => mend(world, project, options, call),
    },

    async variables({ signal }) {
      const { deployment } = await requireCurrent(world, project, signal);
      return hostVariables(deployment);
    },

    async *logs(query, { signal }) {
      refuseUnknown(query.services, serviceNames(topology));
      const { runtime } = await requireCurrent(world, project, signal);
      yield* runtime.logs(environment, query, signal);
    },

    async probe(names, call) {
      const byDefault = world.probes.filter(({ isDefault }) => isDefault).map(({ name }) => name);
      const chosen = names.length > 0 ? names : byDefault;
      const run = async () => {
        const { deployment, runtime, state } = await requireCurrent(world, project, call.signal);
        const reports = [];
        for (const name of chosen) reports.push(await runProbe(world, runtime, deployment, name, call));
        await clearProbeRemains(world, deployment, call);
        await world.state.save(environment, { ...state, lastProbe: lastProbeOf(reports, world.now()) });
        return reports;
      };
      // Those that run on request only kill servers: neither another of them nor an `up` may come between.
      const kills = chosen.some((name) => !byDefault.includes(name));
      return kills ? world.lock(environment, call, run) : run();
    },
  };
}

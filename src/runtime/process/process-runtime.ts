import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../adapters/files.ts';
import { DevenvError } from '../../errors.ts';
import { serviceNames } from '../../topology/deployment.ts';
import type { Runtime } from '../runtime.ts';
import { confFiles, configurationsOf, tellToReload } from './configurations.ts';
import { definitionHash, requireRunnable } from './definitions.ts';
import { followExits } from './exits.ts';
import { findSupervisor } from './launch.ts';
import { readLogs } from './log-reader.ts';
import { type Machine, thisMachine } from './machine.ts';
import { endProcesses, findProcesses } from './orphans.ts';
import { machineParts } from './parts.ts';
import { removeEnvironment } from './remove.ts';
import { requireStarted, startServices } from './start.ts';
import { unsupervised, unsupervisedError } from './unsupervised.ts';
import type { StartResult } from './wire.ts';

export interface ProcessRuntimeOptions {
  env: NodeJS.ProcessEnv;
  /** Path of the bundled supervisor (dist/supervisor.js). */
  supervisorProgram: string;
  /** Folder of the bundled api.js and worker.js. */
  pipelineDir: string;
  /** For tests: another platform, other machine-wide folders. */
  machine?: Partial<Machine>;
}

/** Services as plain processes of this machine, held by a supervisor that outlives the command. */
export function createProcessRuntime(options: ProcessRuntimeOptions): Runtime {
  const { env, supervisorProgram, pipelineDir } = options;
  const machine: Machine = { ...thisMachine(), env, ...options.machine };
  const parts = machineParts(machine);
  let revisions: Record<string, string> | undefined;

  return {
    kind: 'process',

    async check() {
      requirePlatform(machine);
      if (!existsSync(supervisorProgram))
        throw new DevenvError('SUPERVISOR_FAILED', `There is no ${supervisorProgram}.`, {
          hint: 'The installation is incomplete; run `npm run build` in a checkout.',
        });
      const { version } = await parts.package();
      return { summary: `local processes on ${machine.platform}-${machine.arch}, Postgres ${version}` };
    },

    definitionHashes(deployment) {
      revisions ??= pipelineRevisions(pipelineDir);
      const known = revisions;
      return Object.fromEntries(
        serviceNames(deployment.topology).map((service) => [
          service,
          definitionHash(deployment, service, known),
        ]),
      );
    },

    async observe(environment, signal) {
      const layout = parts.layout(environment);
      using supervisor = await findSupervisor(environment, layout, signal);
      if (supervisor !== null) return (await supervisor.status(signal)).services;
      return unsupervised(await findProcesses(environment.id, layout, machine.platform));
    },

    async missing(deployment, signal) {
      requireRunnable(deployment);
      return parts.missing(deployment, signal);
    },

    async prepare(deployment, missing, context) {
      if (missing.length > 0) await parts.prepare(deployment, context);
    },

    start(deployment, services, context) {
      const hashes = this.definitionHashes(deployment);
      return startServices(
        { deployment, services, hashes },
        { parts, supervisorProgram, pipelineDir, env, platform: machine.platform },
        context,
      );
    },

    async configurations(deployment, signal) {
      return configurationsOf(deployment, await parts.natsServer(deployment, signal));
    },

    async reload(deployment, services, { signal }) {
      const { environment } = deployment;
      const layout = parts.layout(environment);
      using supervisor = await findSupervisor(environment, layout, signal);
      if (supervisor === null)
        throw unsupervisedError(
          environment.name,
          await findProcesses(environment.id, layout, machine.platform),
        );
      const { found } = await parts.natsServer(deployment, signal);
      for (const { service, conf } of found === null ? [] : confFiles(deployment, found))
        if (services.includes(service)) await writeFileAtomic(conf.path, conf.content, { mode: conf.mode });
      await tellToReload(supervisor, services, signal);
    },

    exits: (environment, signal) => followExits(environment, parts.layout(environment), signal),

    async kill(environment, service, signal) {
      const layout = parts.layout(environment);
      using supervisor = await findSupervisor(environment, layout, signal);
      if (supervisor !== null) {
        await supervisor.request({ op: 'kill', service }, signal);
        return;
      }
      const found = await findProcesses(environment.id, layout, machine.platform);
      await endProcesses(
        found.filter((candidate) => candidate.service === service),
        { graceMs: 0 },
      );
    },

    async restart(environment, services, { signal }) {
      using supervisor = await findSupervisor(environment, parts.layout(environment), signal);
      if (supervisor === null) {
        const left = await findProcesses(environment.id, parts.layout(environment), machine.platform);
        throw unsupervisedError(environment.name, left);
      }
      requireStarted(await supervisor.request<readonly StartResult[]>({ op: 'restart', services }, signal));
    },

    remove: (environment, { volumes }, { signal }) =>
      removeEnvironment(
        environment,
        parts.layout(environment),
        { volumes, platform: machine.platform },
        signal,
      ),

    logs: (environment, query, signal) => readLogs(parts.layout(environment), query, signal),
  };
}

/** Throws PLATFORM_UNSUPPORTED where there is neither a nats-server nor a Postgres to run, nor signals to stop them. */
function requirePlatform({ platform, arch }: Pick<Machine, 'platform' | 'arch'>): void {
  if (platform === 'win32')
    throw new DevenvError('PLATFORM_UNSUPPORTED', 'The process runtime does not run on Windows itself.', {
      hint: 'Run devenv inside WSL2, or use --runtime docker.',
    });
  if (platform !== 'linux' && platform !== 'darwin')
    throw new DevenvError(
      'PLATFORM_UNSUPPORTED',
      `The process runtime does not run on ${platform}-${arch}.`,
      {
        hint: 'It runs on Linux and macOS. Use --runtime docker.',
      },
    );
}

/** The content of the shipped programs: a new release of devenv makes new processes necessary. */
function pipelineRevisions(pipelineDir: string): Record<string, string> {
  return Object.fromEntries(
    ['api', 'worker'].flatMap((program) => {
      const path = join(pipelineDir, `${program}.js`);
      if (!existsSync(path)) return [];
      return [[program, createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16)] as const];
    }),
  );
}

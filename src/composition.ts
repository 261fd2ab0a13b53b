import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from './config/load.ts';
import { createEngine } from './engine/create-engine.ts';
import type { Engine } from './engine/engine.ts';
import type { World } from './engine/world.ts';
import type { Emit } from './events.ts';
import { probes } from './probes/index.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { RuntimeKind } from './topology/model.ts';
import { authDesk } from './world/auth-desk.ts';
import { environmentOf } from './world/environment.ts';
import { lockEnvironment } from './world/lock-desk.ts';
import { migrationDesk } from './world/migration-desk.ts';
import { composeDir, packageRoot, pipelineDir, supervisorProgram } from './world/package-root.ts';
import { portDesk } from './world/port-desk.ts';
import { probeRemains } from './world/probe-remains.ts';
import { secretsFor } from './world/secrets.ts';
import { serverChecks } from './world/server-checks.ts';
import { stateStore } from './world/state-store.ts';
import { topologyDesk } from './world/topology-desk.ts';

export interface OpenProjectOptions {
  cwd: string;
  name?: string | undefined;
  /** Path of a devenv.yaml; without it, it is looked for from `cwd` upwards. */
  configFile?: string | undefined;
  runtime?: 'auto' | RuntimeKind | undefined;
  env: NodeJS.ProcessEnv;
  /** Where sentences about the configuration itself go. */
  emit?: Emit | undefined;
}

export interface OpenedProject {
  engine: Engine;
  /** null when the shipped pipeline is used because the project has no file. */
  configFile: string | null;
}

/** Each question to a running system; they are asked side by side. */
const LOOK_WITHIN_MS = 4_000;

const IMAGE_SETTINGS = [
  ['nats', 'image'],
  ['postgres', 'image'],
  ['node', 'image'],
];

/** Reads a project's configuration and wires the engine to the real world. */
export async function openProject({ cwd, env, emit, ...flags }: OpenProjectOptions): Promise<OpenedProject> {
  const config = await loadConfig({ cwd, flags, env });
  for (const text of config.notes) emit?.({ type: 'note', level: 'warn', text });
  const environment = environmentOf(config.projectDir, config.environmentName);
  const { topology, runtime, configFile } = config;
  const namesImages = IMAGE_SETTINGS.some(config.isGiven);
  return {
    engine: createEngine(realWorld(env), {
      environment,
      topology,
      runtime,
      namesImages,
      findings: async () => (await import('./world/doctor-desk.ts')).declaredFindings(config, { cwd, env }),
    }),
    configFile,
  };
}

function realWorld(env: NodeJS.ProcessEnv): World {
  const runtimes = new Map<RuntimeKind, Promise<Runtime>>();
  return {
    now: Date.now,
    sleep: async (ms, signal) => {
      await delay(ms, undefined, { signal });
    },
    secretsFor,
    runtime: (kind) => {
      const known = runtimes.get(kind) ?? createRuntime(kind, env);
      runtimes.set(kind, known);
      return known;
    },
    state: stateStore,
    ports: portDesk(async (port) =>
      (await import('./runtime/docker/port-holder.ts')).describePortHolder(port, env),
    ),
    lock: lockEnvironment,
    servers: serverChecks,
    topology: topologyDesk,
    auth: authDesk,
    migrations: migrationDesk,
    probes,
    remains: probeRemains,
    look: async (deployment, runtime, signal) => {
      const { gatherLiveFacts } = await import('./world/live-facts.ts');
      return gatherLiveFacts(deployment, runtime, { signal, timeoutMs: LOOK_WITHIN_MS });
    },
    writeStandalone: async (...args) => (await import('./world/standalone.ts')).writeStandalone(...args),
  };
}

/** Imported when first needed: the engine's client alone costs more than a whole no-op `up` without it. */
async function createRuntime(kind: RuntimeKind, env: NodeJS.ProcessEnv): Promise<Runtime> {
  if (kind === 'docker') {
    const { createDockerRuntime } = await import('./runtime/docker/docker-runtime.ts');
    return createDockerRuntime({ env, composeDir, pipelineDir, packageRoot });
  }
  const { createProcessRuntime } = await import('./runtime/process/process-runtime.ts');
  return createProcessRuntime({ env, supervisorProgram, pipelineDir });
}

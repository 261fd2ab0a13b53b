import { setTimeout as delay } from 'node:timers/promises';
import { type LoadedConfig, loadConfig } from './config/load.ts';
import { resolveConfig } from './config/resolve.ts';
import { createEngine } from './engine/create-engine.ts';
import type { Engine } from './engine/engine.ts';
import type { World } from './engine/world.ts';
import { DevenvError } from './errors.ts';
import type { Emit } from './events.ts';
import { probes } from './probes/index.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { Environment } from './topology/deployment.ts';
import type { RuntimeKind, Topology } from './topology/model.ts';
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
  /** Go by what the last `up` had when the declaration cannot be read, if that much is known. */
  orRecalled?: 'environment' | 'topology' | undefined;
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
export async function openProject(options: OpenProjectOptions): Promise<OpenedProject> {
  const { cwd, env, emit, orRecalled, ...flags } = options;
  let config: LoadedConfig;
  try {
    config = await loadConfig({ cwd, flags, env });
  } catch (error) {
    const recalled = await recalledProject(options, error);
    if (recalled === null) throw error;
    return recalled;
  }
  const recalled = config.configFile === null ? await recalledProject(options, null) : null;
  if (recalled !== null) return recalled;
  for (const text of config.notes) emit?.({ type: 'note', level: 'warn', text });
  const environment = environmentOf(config.projectDir, config.environmentName);
  const { topology, runtime, configFile } = config;
  const namesImages = IMAGE_SETTINGS.some(config.isGiven);
  return {
    engine: createEngine(realWorld(env), {
      environment,
      topology,
      declaredIn: configFile,
      runtime,
      namesImages,
      findings: async () => (await import('./world/doctor-desk.ts')).declaredFindings(config, { cwd, env }),
    }),
    configFile,
  };
}

/** `error` says what is wrong with the declaration; null when there is none, which is wrong only if there was one. */
async function recalledProject(
  { cwd, name, configFile, env, emit, orRecalled }: OpenProjectOptions,
  error: unknown,
): Promise<OpenedProject | null> {
  const unreadable = error instanceof DevenvError && /^CONFIG_/.test(error.code) ? error : null;
  if (orRecalled === undefined || (error !== null && unreadable === null)) return null;
  const { recall } = await import('./world/recall.ts');
  const found = await recall({ cwd, name, configFile, env });
  if (found === null || (unreadable === null && found.goneFile === null)) return null;
  const { environment, goneFile } = found;
  const topology = found.topology ?? (orRecalled === 'environment' ? shippedTopology(environment) : null);
  if (topology === null) return null;
  const [first = unreadable?.message ?? `${goneFile} is gone`, ...more] = unreadable?.details ?? [];
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  emit?.({
    type: 'note',
    level: 'warn',
    text: `${first.replace(/\.$/, '')}${others}; going by what environment ${environment.name} was last brought up from`,
  });
  const findings = async () => [];
  const project = { environment, topology, runtime: 'auto', namesImages: false, findings } as const;
  return { engine: createEngine(realWorld(env), project), configFile: null };
}

/** Without a file and variables nothing can be wrong with it. */
function shippedTopology({ projectDir }: Environment): Topology | null {
  const nothing = { flags: {}, env: {}, dotenv: undefined, project: undefined };
  const resolved = resolveConfig({ projectDir, ...nothing });
  return 'problems' in resolved ? null : resolved.topology;
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

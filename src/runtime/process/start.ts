import { chown, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ensureDir, writeFileAtomic } from '../../adapters/files.ts';
import { DevenvError } from '../../errors.ts';
import { type Deployment, POSTGRES_SERVICE, serviceNames } from '../../topology/deployment.ts';
import { storeChange } from '../../topology/server-stores.ts';
import { natsServers } from '../../topology/servers.ts';
import type { StepContext } from '../runtime.ts';
import type { SupervisorClient } from './client.ts';
import { type ProcessDefinition, processDefinitions, requireRunnable } from './definitions.ts';
import { ensureSupervisor } from './launch.ts';
import { launchDefinition } from './launch-definition.ts';
import { type Layout, natsStoreOf } from './layout.ts';
import type { Lookup } from './nats-server/lookup.ts';
import { type Parts, type PostgresParts, placementOf } from './parts.ts';
import { ensureDataDirectory } from './postgres/data-directory.ts';
import { dataTemplate } from './postgres/template.ts';
import type { StartResult } from './wire.ts';

export interface StartRequest {
  deployment: Deployment;
  services: readonly string[];
  hashes: Readonly<Record<string, string>>;
}

export interface StartMeans {
  parts: Parts;
  supervisorProgram: string;
  pipelineDir: string;
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
}

/** How long taking back a failed start may take. */
const UNDO_MS = 8_000;

/** Runtime.start. What takes time runs side by side: the supervisor's start, the search for programs, a new database. */
export async function startServices(
  request: StartRequest,
  means: StartMeans,
  context: StepContext,
): Promise<void> {
  const { deployment, services } = request;
  const { signal } = context;
  requireRunnable(deployment);
  const layout = means.parts.layout(deployment.environment);
  const startsNats = natsServers(deployment.topology).some(({ service }) => services.includes(service));
  if (startsNats) await tellStoreChange(deployment, layout, context);
  const launching = ensureSupervisor(deployment.environment, layout, means.supervisorProgram, signal);
  const searching = Promise.all([
    means.parts.natsServer(deployment, signal),
    means.parts.postgres(deployment, signal),
  ]);
  const [launched, searched] = await Promise.allSettled([launching, searching]);
  if (launched.status === 'rejected') throw launched.reason;
  using supervisor = launched.value;
  try {
    if (searched.status === 'rejected') throw searched.reason;
    const [nats, postgres] = searched.value;
    if (startsNats) tellPassed(nats, context);
    const results = await startAll(request, means, { nats, postgres }, supervisor, signal);
    requireStarted(results);
  } catch (error) {
    await undo(supervisor, services);
    throw error;
  }
}

async function startAll(
  { deployment, services, hashes }: StartRequest,
  { parts, pipelineDir, env, platform }: StartMeans,
  { nats, postgres }: { nats: Lookup; postgres: PostgresParts },
  supervisor: SupervisorClient,
  signal: AbortSignal,
): Promise<readonly StartResult[]> {
  const { environment, topology } = deployment;
  const placement = placementOf(nats, postgres, pipelineDir);
  const definitions = processDefinitions(deployment, placement).filter(({ service }) =>
    services.includes(service),
  );
  const declared = serviceNames(topology);
  const { services: existing } = await supervisor.status(signal);
  const undeclared = existing.map(({ service }) => service).filter((service) => !declared.includes(service));
  if (undeclared.length > 0) await supervisor.request({ op: 'stop', services: undeclared }, signal);
  for (const { service } of natsServers(topology))
    await ensureDir(natsStoreOf(parts.layout(environment), service), { mode: 0o711 });

  const start = async (group: readonly ProcessDefinition[]) => {
    if (group.length === 0) return [];
    for (const definition of group) await writeFiles(definition);
    return supervisor.request<readonly StartResult[]>(
      {
        op: 'start',
        definitions: group.map((definition) =>
          launchDefinition(definition, hashes[definition.service] ?? '', environment.id, env),
        ),
      },
      signal,
    );
  };
  const isDatabase = ({ service }: ProcessDefinition) => service === POSTGRES_SERVICE;
  const database = async () => {
    const wanted = definitions.filter(isDatabase);
    if (wanted.length === 0) return [];
    // Its data is worked on below, so the server that is to be replaced must be gone first.
    await supervisor.request({ op: 'stop', services: [POSTGRES_SERVICE] }, signal);
    await ensureDatabase(deployment, postgres, platform, signal);
    return start(wanted);
  };
  // The others need not wait for a new database: they start while it is being made, and wait for it by themselves.
  const outcomes = await Promise.allSettled([
    start(definitions.filter((one) => !isDatabase(one))),
    database(),
  ]);
  return outcomes.flatMap((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

function ensureDatabase(
  { topology, secrets }: Deployment,
  { binaries, package: pkg, account, dataDir, cache }: PostgresParts,
  platform: NodeJS.Platform,
  signal: AbortSignal,
): Promise<void> {
  return ensureDataDirectory(dataDir, {
    postgres: binaries.postgres,
    major: pkg.major,
    template: () => dataTemplate(binaries, pkg.packageVersion, cache, account, signal),
    access: { ...secrets.postgres, database: topology.postgres.database },
    account,
    platform,
    signal,
  });
}

async function writeFiles({ files, uid, gid, cwd, logFile }: ProcessDefinition): Promise<void> {
  await ensureDir(dirname(logFile), { mode: 0o700 });
  for (const { path, content, mode } of files) {
    await ensureDir(dirname(path), { mode: 0o700 });
    await writeFileAtomic(path, content, { mode });
    if (uid !== undefined && gid !== undefined && path.startsWith(cwd)) await chown(path, uid, gid);
  }
}

/** Throws PORT_TAKEN or SERVICE_DIED when a service could not even be started; a later end is told by `exits`. */
export function requireStarted(results: readonly StartResult[]): void {
  const taken = results.flatMap(({ service, outcome }) =>
    'portTaken' in outcome && outcome.portTaken !== undefined ? [{ service, port: outcome.portTaken }] : [],
  );
  if (taken.length > 0)
    throw new DevenvError(
      'PORT_TAKEN',
      `Another program took the port of ${taken.map(({ port, service }) => (port === service ? port : `${port} (${service})`)).join(', ')} just now.`,
      { hint: 'Run `devenv up` again: it takes another port.', details: taken.map(({ port }) => port) },
    );
  for (const { service, outcome } of results)
    if (outcome.kind === 'not-spawned')
      throw new DevenvError('SERVICE_DIED', `${service} could not be started: ${outcome.reason}.`, {
        hint: 'Check its `command` and `cwd` in devenv.yaml.',
      });
}

/** Nothing of the named services may stay behind; a supervisor with nothing left to hold ends as well. */
async function undo(supervisor: SupervisorClient, services: readonly string[]): Promise<void> {
  const signal = AbortSignal.timeout(UNDO_MS);
  try {
    await supervisor.request({ op: 'stop', services }, signal);
    if ((await supervisor.status(signal)).services.length === 0)
      await supervisor.request({ op: 'shutdown' }, signal);
  } catch {
    // It died meanwhile; what it left is found by the next command. The first error is the one to tell.
  }
}

/** Stores of other servers stay where they are; see server-stores.ts for what that means. */
async function tellStoreChange({ topology }: Deployment, { dataDir }: Layout, { emit }: StepContext) {
  const stores = (await readdir(dataDir).catch(() => [])).filter((name) => /^nats(-\d+)?$/.test(name));
  const text = storeChange(stores, topology);
  if (text !== null) emit({ type: 'note', level: 'warn', text });
}

function tellPassed({ passed }: Lookup, { emit }: StepContext): void {
  for (const reason of passed)
    if (reason.includes('older than'))
      emit({ type: 'note', level: 'warn', text: `nats-server: ${reason}; not used` });
}

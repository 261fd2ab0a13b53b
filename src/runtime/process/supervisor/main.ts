import { closeSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { identifySelf } from '../../../adapters/processes.ts';
import type { ObservedService } from '../../runtime.ts';
import {
  type LaunchDefinition,
  PROTOCOL,
  type StartResult,
  type SupervisorExit,
  type SupervisorStatus,
} from '../wire.ts';
import { openControl } from './control.ts';
import { becomeOnlySupervisor } from './exclusion.ts';
import { openLogFile } from './log-file.ts';
import { childRecords } from './records.ts';
import { type SupervisedService, superviseService } from './service.ts';

/**
 * The supervisor: a process of its own that outlives the command, holds the services of one environment as children,
 * and takes them all down with it. Started by ../launch.ts with SupervisorSettings in DEVENV_SUPERVISOR; says on file
 * descriptor 3 that it answers (`ready`) or why it does not.
 */
export interface SupervisorSettings {
  environment: string;
  supervisorFile: string;
  recordsFile: string;
  log: string;
  lock: string;
  socket: string;
  /** The folder made for the socket alone, removed at the end. */
  socketDir?: string;
}

/** A supervisor that was given nothing to do in this time has lost the command that started it. */
const IDLE_MS = 10_000;
/** How often it is asked whether the state folder is still there. */
const FOLDER_CHECK_MS = 250;
/** Draining services are given this long before the servers under them are stopped as well. */
const DRAIN_FIRST_MS = 600;
const REMEMBERED_EXITS = 200;

const settings: SupervisorSettings = JSON.parse(process.env.DEVENV_SUPERVISOR ?? '{}');
const log = openLogFile(settings.log);
const services = new Map<string, SupervisedService>();
const exits: SupervisorExit[] = [];
const records = childRecords(settings.recordsFile, settings.environment);
let ending: Promise<void> | undefined;
let idleSince = performance.now();

function tell(line: string): void {
  try {
    writeSync(3, `${line}\n`);
    closeSync(3);
  } catch {
    // Whoever started us is gone.
  }
}

function onExit(exit: SupervisorExit): void {
  const { service, code, signal, willRestart } = exit;
  log.note(
    `${service} ended (${signal ?? code ?? 'not started'})${willRestart ? ', restarting' : ', given up'}`,
  );
  exits.push(exit);
  if (exits.length > REMEMBERED_EXITS) exits.shift();
  control.publish(exit);
}

async function forget(names: readonly string[]): Promise<void> {
  await Promise.all(
    names.map(async (name) => {
      const service = services.get(name);
      if (service === undefined) return;
      await service.stop();
      service.close();
      if (services.get(name) === service) services.delete(name);
    }),
  );
}

async function start(definitions: readonly LaunchDefinition[]): Promise<readonly StartResult[]> {
  const names = definitions.map(({ service }) => service);
  // Again, when another command made one of them while we waited: two processes of one service must not be.
  while (names.some((name) => services.has(name))) await forget(names);
  if (ending !== undefined) throw new Error('the supervisor is ending');
  return Promise.all(
    definitions.map((definition) => {
      const service = superviseService(definition, { onPid: records.set, onExit });
      services.set(definition.service, service);
      return service.start();
    }),
  );
}

async function restart(names: readonly string[]): Promise<readonly StartResult[]> {
  const found = names.map((name) => {
    const service = services.get(name);
    if (service === undefined) throw new Error(`there is no service "${name}"`);
    return service;
  });
  await Promise.all(found.map((service) => service.stop()));
  return Promise.all(found.map((service) => service.start()));
}

function status(): SupervisorStatus {
  const observed = [...services.values()].map((service) => service.observed());
  return {
    protocol: PROTOCOL,
    pid: process.pid,
    environment: settings.environment,
    services: observed.filter((service): service is ObservedService => service !== null),
  };
}

/** Stops everything: first what drains, then what it drains into. Idempotent. */
function shutdown(reason: string): Promise<void> {
  ending ??= (async () => {
    log.note(`ending: ${reason}`);
    const tier = (wanted: LaunchDefinition['tier']) =>
      forget([...services].filter(([, { definition }]) => definition.tier === wanted).map(([name]) => name));
    const users = tier('user');
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([users, new Promise((resolve) => (timer = setTimeout(resolve, DRAIN_FIRST_MS)))]);
    clearTimeout(timer);
    await Promise.all([users, tier('server')]);
  })();
  return ending;
}

function end(): never {
  // The files say that somebody supervises; after this instant nobody does.
  for (const file of [settings.socket, settings.supervisorFile, settings.recordsFile])
    rmSync(file, { force: true });
  if (settings.socketDir !== undefined) rmSync(settings.socketDir, { recursive: true, force: true });
  log.note('ended');
  process.exit(0);
}

const shutdownAndEnd = (reason: string) => void shutdown(reason).finally(end);

/** The inode as well: a folder that was deleted and made anew is not ours. */
function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}

if (!(await becomeOnlySupervisor(settings.environment, settings.lock))) {
  tell('taken');
  process.exit(1);
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => shutdownAndEnd(`received ${signal}`));
process.on('uncaughtException', (error) => {
  // A fault of ours must not leave children without a parent.
  log.note(`fault: ${error.stack ?? error.message}`);
  shutdownAndEnd('a fault of the supervisor');
});

// A socket file from a supervisor that was killed; we alone may be here.
rmSync(settings.socket, { force: true });
const control = await openControl(settings.socket, {
  exitsSince: (after) => exits.filter(({ at }) => at >= after),
  async handle(request) {
    switch (request.op) {
      case 'status':
        return status();
      case 'start':
        return start(request.definitions);
      case 'restart':
        return restart(request.services);
      case 'stop':
        return forget(request.services);
      case 'kill':
        return (await services.get(request.service)?.kill()) ?? false;
      case 'shutdown':
        await shutdown('asked to');
        // After the answer is on its way.
        setImmediate(end);
        return null;
      default:
        throw new Error(`unknown request ${JSON.stringify((request as { op: unknown }).op)}`);
    }
  },
});
const { pid, startedAt } = await identifySelf();
writeFileSync(
  settings.supervisorFile,
  JSON.stringify({
    environment: settings.environment,
    pid,
    startedAt,
    socket: settings.socket,
    socketDir: settings.socketDir,
  }),
  { mode: 0o600 },
);
const ownInode = inodeOf(settings.supervisorFile);
setInterval(() => {
  if (inodeOf(settings.supervisorFile) !== ownInode)
    shutdownAndEnd(`${dirname(settings.supervisorFile)} is gone`);
  if (services.size > 0 || control.connections() > 0) idleSince = performance.now();
  else if (performance.now() - idleSince > IDLE_MS) shutdownAndEnd('nothing to supervise');
}, FOLDER_CHECK_MS);
log.note(`supervising ${settings.environment}, pid ${pid}`);
tell('ready');

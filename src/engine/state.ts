import { DevenvError } from '../errors.ts';
import type { ProbeReport } from '../probes/probe.ts';
import type { FileStamp } from '../runtime/runtime.ts';
import type { PortAllocation } from '../topology/deployment.ts';
import type { RuntimeKind } from '../topology/model.ts';
import type { StatusReport } from './engine.ts';

/** Raised by one whenever an older devenv could not read what a newer one writes. 2: a credential for each user. */
export const STATE_VERSION = 2;

/**
 * What devenv remembers of an environment between two commands. A hint, never the truth: every command looks at the
 * world first. Secrets live in a file of their own.
 */
export interface State {
  version: typeof STATE_VERSION;
  environment: string;
  id: string;
  runtime: RuntimeKind;
  /** Where else it was brought up: data, or containers of an engine that was away, may still be there. */
  earlier: readonly RuntimeKind[];
  ports: PortAllocation;
  /** Accounts of the last `up`. */
  accounts: readonly string[];
  /** service → the nats.conf that it has read. */
  confs: Readonly<Record<string, KnownConf>>;
  createdAt: string;
  lastProbe: StatusReport['lastProbe'];
}

/** What devenv remembers of a nats.conf that it wrote and that the server has read. No secrets. */
export interface KnownConf extends FileStamp {
  /** sha256 of the text. */
  digest: string;
}

/** Parses a state file's text. `file` is named in errors. */
export function parseState(text: string, file: string): State {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable(file, 'it is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null) throw unreadable(file, 'it is not a JSON object');
  const state = value as Partial<Record<keyof State, unknown>>;
  if (typeof state.version !== 'number') throw unreadable(file, 'it has no version');
  if (state.version > STATE_VERSION) {
    throw new DevenvError(
      'STATE_FROM_FUTURE',
      `${file} has version ${state.version}; this devenv reads versions up to ${STATE_VERSION}`,
      {
        hint: 'A newer devenv wrote it. Use that one, or let it run `devenv down --volumes` first; this one leaves the file as it is.',
      },
    );
  }
  if (
    typeof state.environment !== 'string' ||
    typeof state.id !== 'string' ||
    !isRuntimeKind(state.runtime) ||
    !isAllocation(state.ports)
  ) {
    throw unreadable(file, 'environment, id, runtime or ports is missing or of the wrong type');
  }
  return {
    version: STATE_VERSION,
    environment: state.environment,
    id: state.id,
    runtime: state.runtime,
    earlier: Array.isArray(state.earlier) ? state.earlier.filter(isRuntimeKind) : [],
    ports: state.ports,
    // There was none but the server's own before version 2.
    accounts: Array.isArray(state.accounts) ? state.accounts.map(String) : ['$G'],
    confs: knownConfs(state.confs),
    createdAt: typeof state.createdAt === 'string' ? state.createdAt : '',
    lastProbe: (state.lastProbe ?? null) as State['lastProbe'],
  };
}

/** What is not as it should be is forgotten: then the servers read their files once more. */
function knownConfs(value: unknown): Record<string, KnownConf> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, conf]) =>
        typeof conf?.digest === 'string' &&
        typeof conf.inode === 'number' &&
        typeof conf.changedAt === 'number',
    ),
  );
}

const isRuntimeKind = (value: unknown): value is RuntimeKind => value === 'docker' || value === 'process';

const isAllocation = (value: unknown): value is PortAllocation =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((port) => Number.isInteger(port) && port > 0 && port < 65_536);

const unreadable = (file: string, why: string, cause?: unknown): DevenvError =>
  new DevenvError('STATE_UNREADABLE', `${file} cannot be read as the state of an environment: ${why}`, {
    cause,
    hint: 'Move the file away and run the command again: devenv finds what runs by itself, it only forgets which ports it had.',
  });

/** What is remembered of a run of probes. */
export function lastProbeOf(reports: readonly ProbeReport[], now: number): State['lastProbe'] {
  return {
    at: new Date(now).toISOString(),
    status: reports.some(({ status }) => status === 'failed') ? 'failed' : 'passed',
    probes: reports.map(({ probe, status, ms, brokenHop }) => ({
      probe,
      status,
      ms,
      ...(brokenHop === undefined ? {} : { brokenHop }),
    })),
  };
}

import { entryOf, integerIn, mapOf, textIn } from '../conf-values.ts';
import type { ConfEntry, ConfSpan } from '../document.ts';
import { splitHostPort } from '../go-addresses.ts';
import { keyOf, type StartedConf, type StartRefusal } from './started-conf.ts';

/** One address that the server listens on. */
interface Listener {
  /** As the field is written: `port`, `http`, `cluster`. */
  name: string;
  host: string;
  port: number;
  at: ConfSpan;
  /** What the server says when it cannot listen there. */
  failure(reason: string): string;
}

const EVERYWHERE = ['0.0.0.0', '::', ''];
const BLOCKS: readonly { names: readonly string[]; failure: string }[] = [
  { names: ['gateway'], failure: 'Error listening on gateway port' },
  { names: ['leafnodes', 'leaf'], failure: 'Error listening on leafnode port' },
  { names: ['cluster'], failure: 'Error listening on router port' },
  { names: ['websocket', 'ws'], failure: 'Unable to listen for websocket connections' },
  { names: ['mqtt'], failure: 'Unable to listen for MQTT connections' },
];

/** Addresses that cannot be listened on: a port that is none, one that two parts of the server want, a malformed host. */
export function* listenerRefusals(started: StartedConf): Iterable<StartRefusal> {
  const listeners = listenersOf(started);
  for (const listener of listeners) {
    const { name, host, port, at, failure } = listener;
    if (port > 65_535 || port < -1)
      yield {
        at,
        message: failure(`listen tcp: address ${port}: invalid port`),
        cause: `${name} is to listen on port ${port}, and ports go from 1 to 65535.`,
        fix: 'Write a port from 1 to 65535; -1 lets the server choose a free one.',
      };
    else if (!mayBeHost(host))
      yield {
        at,
        message: failure(`listen tcp: lookup ${host}: no such host`),
        cause: `${name} is to listen on ${JSON.stringify(host)}, which is no address.`,
        fix: 'Write an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them.',
      };
  }
  for (const [index, listener] of listeners.entries()) {
    const other = listeners.slice(0, index).find((earlier) => collide(earlier, listener));
    if (other === undefined) continue;
    const { name, port, at } = listener;
    yield {
      at,
      // Which of the two comes first differs from start to start.
      message: `listen tcp ${other.host}:${port}: bind: address already in use`,
      cause: `${other.name} and ${name} both want to listen on port ${port}, and only one of them can.`,
      fix: `Give ${name} a port of its own.`,
    };
  }
}

const collide = (a: Listener, b: Listener): boolean =>
  a.port > 0 &&
  a.port === b.port &&
  (a.host === b.host || EVERYWHERE.includes(a.host) || EVERYWHERE.includes(b.host));

/** A host name or an address: four numbers are an address only up to 255 each. */
function mayBeHost(host: string): boolean {
  if (/^[\d.]+$/.test(host))
    return /^(\d{1,3}\.){3}\d{1,3}$/.test(host) && host.split('.').every((part) => Number(part) < 256);
  return !/[\s/]/.test(host);
}

function listenersOf(started: StartedConf): Listener[] {
  const { conf, entries, flags } = started;
  const host = normal(conf.host?.value ?? '0.0.0.0');
  const start = { file: conf.document.file, line: 1, column: 1, start: 0, end: 0 };
  const port = flags.port ?? conf.port?.value;
  return [
    {
      name: conf.port?.key ?? 'port',
      host,
      // 0 stands for the default as well.
      port: port === undefined || port === 0 ? 4222 : port,
      at: conf.port?.span ?? conf.host?.span ?? start,
      failure: (reason) =>
        `Error listening on port: ${host}:${port === undefined || port === 0 ? 4222 : port}, "${reason}"`,
    },
    ...monitors(started, host),
    ...BLOCKS.flatMap(({ names, failure }): Listener[] => {
      const body = mapOf(entryOf(entries, ...names));
      const address = body && addressIn(body);
      if (address === undefined || address.port === 0) return [];
      return [
        {
          name: names[0]!,
          host: normal(address.host ?? '0.0.0.0'),
          port: address.port,
          at: address.at,
          failure: (reason) =>
            /port$/.test(failure) ? `${failure}: ${address.port} - ${reason}` : `${failure}: ${reason}`,
        },
      ];
    }),
    ...profiler(entries, host),
  ];
}

function monitors(started: StartedConf, host: string): Listener[] {
  const { conf, flags } = started;
  const port = flags.monitorPort ?? conf.http?.port;
  if (port === undefined || port === 0) return [];
  return [
    {
      name: 'monitoring',
      host: conf.http?.host === undefined ? host : normal(conf.http.host),
      port,
      at: conf.http?.span ?? keyOf(started, 'http', 'port'),
      failure: (reason) => `Can't start monitoring: can't listen to the monitor port: ${reason}`,
    },
  ];
}

function profiler(entries: readonly ConfEntry[], host: string): Listener[] {
  const port = integerIn(entries, 'prof_port');
  if (port === undefined || port.value === 0) return [];
  return [
    {
      name: 'prof_port',
      host,
      port: port.value,
      at: port.span,
      failure: (reason) => `error starting profiler: ${reason}`,
    },
  ];
}

/** `listen`, or `host` and `port`, whichever is there. */
export function addressIn(
  body: readonly ConfEntry[],
): { host?: string; port: number; at: ConfSpan } | undefined {
  const [listen, host, port] = [
    entryOf(body, 'listen'),
    textIn(body, 'host', 'net'),
    integerIn(body, 'port'),
  ];
  const both =
    listen?.value.kind === 'integer'
      ? { host: '', port: String(listen.value.value) }
      : listen?.value.kind === 'string'
        ? splitHostPort(listen.value.value)
        : null;
  const number = port?.value ?? (both === null ? undefined : Number(both.port));
  if (number === undefined) return undefined;
  const name = host?.value ?? both?.host;
  return {
    port: number,
    at: port?.span ?? listen!.value.span,
    ...(name === undefined || name === '' ? {} : { host: name }),
  };
}

const normal = (host: string): string => (host === 'localhost' ? '127.0.0.1' : host);

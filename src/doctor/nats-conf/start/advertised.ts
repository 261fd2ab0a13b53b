import { entryOf, mapOf, textIn } from '../conf-values.ts';
import { splitHostPort } from '../go-addresses.ts';
import { goInteger, goQuoted } from '../go-values.ts';
import { addressIn } from './listeners.ts';
import type { StartedConf, StartRefusal } from './started-conf.ts';

const BLOCKS = [
  {
    names: ['cluster'],
    fields: ['cluster_advertise', 'advertise'],
    what: 'route INFO with Cluster.Advertise',
  },
  { names: ['gateway'], fields: ['advertise'], what: 'gateway INFO with Gateway.Advertise' },
  {
    names: ['leafnodes', 'leaf'],
    fields: ['leafnode_advertise', 'advertise'],
    what: 'leafnode INFO with LeafNode.Advertise',
  },
  { names: ['websocket', 'ws'], fields: ['advertise'], what: null },
] as const;

/** Addresses that others are told to connect to: `host` or `host:port`. */
export function* advertisedRefusals({ entries, conf }: StartedConf): Iterable<StartRefusal> {
  if (conf.clientAdvertise !== undefined)
    yield* look(conf.clientAdvertise, 'server INFO with ClientAdvertise');
  for (const { names, fields, what } of BLOCKS) {
    const body = mapOf(entryOf(entries, ...names));
    const field = body && textIn(body, ...fields);
    // Without a port of its own the block listens to nobody, and tells nobody.
    if (field !== undefined && (addressIn(body!)?.port ?? 0) !== 0) yield* look(field, what);
  }
}

function* look(field: NonNullable<ReturnType<typeof textIn>>, what: string | null): Iterable<StartRefusal> {
  const problem = problemOf(field.value);
  if (problem === null) return;
  yield {
    at: field.span,
    message:
      what === null
        ? `Unable to get websocket connect URLs: ${problem}`
        : `Error setting ${what} value of ${field.value}, err=${problem}`,
    cause: `${field.key} is ${goQuoted(field.value)}, and the server takes "host" or "host:port" there.`,
    fix: `Write ${field.key}: "nats.example.com:4222", with the address and port at which others reach this server.`,
  };
}

/** What Go says to an address that is none; null when it is one, also without a port. */
function problemOf(text: string): string | null {
  if (text === '') return null;
  const address = splitHostPort(text) ?? splitHostPort(`${text}:4222`);
  if (address === null) return `address ${text}: too many colons in address`;
  return goInteger(address.port.trim()) === null
    ? `strconv.Atoi: parsing ${goQuoted(address.port.trim())}: invalid syntax`
    : null;
}

import { entryOf, integerIn, mapOf, textIn, textsIn } from '../conf-values.ts';
import { goQuoted } from '../go-values.ts';
import { addressIn } from './listeners.ts';
import { keyOf, type StartedConf, type StartRefusal } from './started-conf.ts';

/** A gateway has a name and a port, those that it connects to have names and URLs, and the cluster has the same name. */
export function* gatewayRefusals(started: StartedConf): Iterable<StartRefusal> {
  const gateway = started.block('gateway');
  if (gateway === undefined) return;
  const name = textIn(gateway, 'name')?.value ?? '';
  const port = addressIn(gateway)?.port ?? 0;
  const at = keyOf(started, 'gateway');
  if (name === '' && port === 0) return;
  if (name === '')
    yield {
      at,
      message: 'gateway has no name',
      cause: 'The gateway has a port and no name.',
      fix: 'Write name: "C1" within gateway: the name of the cluster that it belongs to.',
    };
  else if (port === 0)
    yield {
      at,
      message: `gateway ${goQuoted(name)} has no port specified (select -1 for random port)`,
      cause: `The gateway ${name} has a name and no port.`,
      fix: 'Write port: 7222 within gateway.',
    };
  yield* remoteRefusals(started);
  const cluster = started.conf.cluster?.name;
  if (name !== '' && cluster !== undefined && cluster.value !== '' && cluster.value !== name)
    yield {
      at: cluster.span,
      message: 'cluster name conflicts between cluster and gateway definitions',
      cause: `The cluster is called ${cluster.value} and its gateway ${name}, and the two have to be the same.`,
      fix: `Write name: "${cluster.value}" in both, or leave the name of the cluster out.`,
    };
}

function* remoteRefusals(started: StartedConf): Iterable<StartRefusal> {
  const list = entryOf(started.block('gateway') ?? [], 'gateways')?.value;
  if (list?.kind !== 'list') return;
  for (const [index, item] of list.items.entries()) {
    if (item.kind !== 'map') continue;
    const name = textIn(item.entries, 'name')?.value ?? '';
    if (name === '')
      yield {
        at: item.span,
        message: `gateway in the list ${index} has no name`,
        cause: `Gateway ${index + 1} of the list has no name.`,
        fix: 'Write the name of the cluster that it leads to: { name: "C2", urls: [...] }.',
      };
    else if (textsIn(item.entries, 'url').length + textsIn(item.entries, 'urls').length === 0)
      yield {
        at: item.span,
        message: `gateway ${goQuoted(name)} has no URL`,
        cause: `The gateway to ${name} has no URL.`,
        fix: `Write urls: ["nats://${name}:7222"] with the addresses of its servers.`,
      };
  }
}

/** Accounts that get a connection of their own between the servers of a cluster. */
export function* pinnedAccountRefusals({ entries }: StartedConf): Iterable<StartRefusal> {
  const cluster = mapOf(entryOf(entries, 'cluster')) ?? [];
  const accounts = textsIn(cluster, 'accounts');
  const pool = integerIn(cluster, 'pool_size');
  if (accounts.length > 0 && pool !== undefined && pool.value < 0)
    yield {
      at: pool.span,
      message: 'pool_size cannot be negative if pinned accounts are specified',
      cause: `pool_size is ${pool.value}, which switches pooling off, and the cluster lists accounts with connections of their own.`,
      fix: 'Leave pool_size out, or leave the list of accounts out.',
    };
  for (const [index, account] of accounts.entries())
    if (accounts.slice(0, index).some(({ value }) => value === account.value))
      yield {
        at: account.span,
        message: `found duplicate account name ${goQuoted(account.value)} in pinned accounts list`,
        cause: `The account ${account.value} is listed twice in cluster.`,
        fix: 'List it once.',
      };
}

import { diffTopology, type TopologyChange } from '../../topology/diff.ts';
import type { Stream } from '../../topology/model.ts';
import { formatSize } from '../../topology/sizes.ts';
import type { Jsz, LiveFacts } from '../facts.ts';
import type { Report } from '../finding.ts';
import { onceFor } from '../once.ts';

interface PlacedChange {
  account: string;
  change: TopologyChange;
}

/** What differs between the declaration and the servers, over all accounts that could be read. */
const changesOf = onceFor((facts: LiveFacts): readonly PlacedChange[] => {
  const { topology } = facts.deployment;
  const { accounts, servers } = facts;
  const natsVersion = servers.flatMap(({ varz }) => (varz.ok ? [varz.value.version] : []))[0];
  return accounts.flatMap(({ account, streams, consumers }) => {
    // Half an answer would make everything else look as if it were missing.
    if (!streams.ok || !consumers.ok) return [];
    const declared = {
      streams: topology.streams.filter((stream) => stream.account === account),
      consumers: topology.consumers.filter((consumer) => consumer.account === account),
    };
    const live = { streams: streams.value, consumers: consumers.value };
    return diffTopology(declared, live, natsVersion === undefined ? {} : { natsVersion }).map((change) => ({
      account,
      change,
    }));
  });
});

/** The differences that one rule explains, each at the stream or consumer that it is about. */
export function* differencesOf(rule: string, facts: LiveFacts): Generator<Report> {
  for (const { account, change } of changesOf(facts)) {
    const { object, kind, field, live, declared, reason, cost, dangerous } = change;
    if (change.rule !== rule || (kind !== 'update' && kind !== 'immutable')) continue;
    const lost = cost === undefined ? '' : `; made anew, it loses ${cost}`;
    const loses = kind === 'immutable' || dangerous;
    yield {
      place: { kind: 'object', object: placeIn(facts, account, object) },
      severity: loses ? 'error' : 'warning',
      cause: `${object} has ${field} ${live} and is declared with ${declared}: ${reason}${lost}.`,
      fix: loses
        ? `Write ${field}: ${live} in devenv.yaml, or see \`devenv topology diff\` and run \`devenv topology apply --allow-data-loss\`.`
        : 'Run `devenv topology apply`, or change the declaration.',
    };
  }
}

/** Raised max_bytes that the servers have no room for: an update reserves the difference at once. */
export function* raisesWithoutRoom(facts: LiveFacts): Generator<Report> {
  const stores = facts.servers.flatMap(({ jsz }) => (jsz.ok && jsz.value.enabled ? [jsz.value] : []));
  if (stores.length === 0) return;
  for (const { account, streams } of facts.accounts) {
    for (const live of streams.ok ? streams.value : []) {
      const declared = facts.deployment.topology.streams.find(
        (stream) => stream.name === live.name && stream.account === account,
      );
      if (declared === undefined || declared.storage !== live.storage) continue;
      const raise = declared.maxBytes - Math.max(0, live.maxBytes);
      const room = Math.max(...stores.map((store) => roomFor(declared.storage, store)));
      if (raise <= 0 || raise <= room) continue;
      yield {
        place: { kind: 'object', object: placeIn(facts, account, `stream ${live.name}`) },
        cause: `Stream ${live.name} has max_bytes ${live.maxBytes <= 0 ? 'without limit' : formatSize(live.maxBytes)} and is declared with ${formatSize(declared.maxBytes)}: ${formatSize(raise)} more would be reserved, and ${formatSize(Math.max(0, room))} are left.`,
        fix: `Write max_bytes: ${formatSize(Math.max(0, live.maxBytes) + Math.max(0, room))} or less, or raise nats.${declared.storage === 'file' ? 'max_file_store' : 'max_memory_store'} by ${formatSize(raise - room)}.`,
        symptom: `insufficient ${declared.storage === 'file' ? 'storage' : 'memory'} resources available`,
      };
    }
  }
}

const roomFor = (storage: Stream['storage'], jsz: Jsz): number =>
  storage === 'file' ? jsz.maxStorage - jsz.reservedStorage : jsz.maxMemory - jsz.reservedMemory;

/** The account only where there is more than one to mistake it for. */
const placeIn = ({ accounts }: LiveFacts, account: string, object: string): string =>
  accounts.length > 1 ? `${object} of account ${account}` : object;

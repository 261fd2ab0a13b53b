import { formatSize } from '../../../topology/sizes.ts';
import type { DeclaredProject, StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { booleanIn, entryOf, mapOf, placeOf, sizeIn } from '../../nats-conf/conf-values.ts';
import type { ConfDocument, ConfEntry } from '../../nats-conf/document.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { writtenStreams } from '../../written/streams.ts';
import { consumedStreams } from '../streams/streams-of-consumers.ts';

export const r06AccountLimits = defineRule({
  id: 'R06',
  title: 'more than an account may have',
  severity: 'error',
  meaning: 'An account allows fewer or smaller streams, or fewer consumers, than are to be made in it.',
  cause:
    'Beside bytes an account can limit how many streams it has, how many consumers each of its streams has (the server ' +
    'counts max_consumers for each stream), how large one stream may be, and that every stream says its max_bytes. ' +
    'Every stream counts, those of families and of services too.',
  fix: 'Raise the limit of the account, or make fewer or smaller streams.',
  symptoms: [
    'maximum number of streams reached',
    'maximum consumers limit reached',
    'account requires a stream config to have max bytes set',
    'stream max bytes exceeds account limit max stream bytes',
  ],
  codes: [10027, 10026, 10113, 10122],
  *static(facts: StaticFacts) {
    if (facts.project !== null) yield* counts(facts, facts.project);
    for (const document of facts.confs) yield* sizes(facts, document);
  },
});

function* counts(facts: StaticFacts, project: DeclaredProject): Generator<Report> {
  const { topology } = project;
  for (const { name: account, jetstream } of topology.accounts) {
    if (jetstream === null) continue;
    const { maxStreams, maxConsumers } = jetstream;
    const families = topology.families.filter(({ pattern }) => pattern.account === account);
    const members = families.reduce((sum, family) => sum + family.atMost, 0);
    const single = new Set(
      writtenStreams(facts)
        .filter(
          (stream) => stream.account === account && (stream.kind === 'stream' || stream.kind === 'created'),
        )
        .map(({ name }) => name),
    );
    const known = [...single].filter(
      (name) => !topology.streams.some((one) => one.name === name && one.family),
    );
    const count = members + known.length;
    if (maxStreams !== -1 && count > maxStreams) {
      const ofFamilies = members === 0 ? '' : `, ${members} of them members of families`;
      yield {
        place: project.place(['accounts', account, 'jetstream', 'max_streams']),
        cause: `Account ${account} may have ${maxStreams} streams, and ${count} are to be made in it${ofFamilies}.`,
        fix: `Write max_streams: ${count} or more.`,
        symptom: 'maximum number of streams reached',
      };
    }
    if (maxConsumers === -1) continue;
    const limit = placeText(project.place(['accounts', account, 'jetstream', 'max_consumers']));
    const told = new Set<string>();
    for (const stream of consumedStreams(facts)) {
      const names = [...new Map(stream.consumers.map((one) => [one.name, one])).values()];
      const beyond = names[maxConsumers];
      if (stream.account !== account || beyond === undefined) continue;
      const place = beyond.place('name');
      if (told.size === told.add(placeText(place)).size) continue;
      yield {
        place,
        cause: `${stream.name} gets ${names.length} consumers, and a stream of account ${account} may have ${maxConsumers} (${limit}).`,
        fix: `Write max_consumers: ${names.length} or more.`,
        symptom: 'maximum consumers limit reached',
      };
    }
  }
}

/** Limits that only a nats.conf of somebody else sets. */
function* sizes(facts: StaticFacts, { entries }: ConfDocument): Generator<Report> {
  for (const account of mapOf(entryOf(entries, 'accounts')) ?? []) {
    const limits = mapOf(entryOf(mapOf(account) ?? [], 'jetstream')) ?? [];
    for (const stream of writtenStreams(facts)) {
      if (!isIn(account, stream.account, entries)) continue;
      const { maxBytes, storage = 'file' } = stream.fields;
      // What the code of a service leaves open is not known here.
      if (stream.kind === 'created' && maxBytes === undefined) continue;
      const required = booleanIn(limits, 'max_bytes_required', 'max_stream_bytes', 'max_bytes');
      if (required?.value === true && (maxBytes ?? -1) <= 0) {
        yield {
          place: stream.place('maxBytes'),
          cause: `${stream.title} has no limit, and account ${account.key} (${placeText(placeOf(required.span))}) wants every stream to say its max_bytes.`,
          fix: `Write ${stream.spelling('maxBytes')}.`,
          symptom: 'account requires a stream config to have max bytes set',
        };
      }
      const most =
        storage === 'file'
          ? sizeIn(limits, 'disk_max_stream_bytes', 'store_max_stream_bytes')
          : sizeIn(limits, 'mem_max_stream_bytes', 'memory_max_stream_bytes');
      if (most !== undefined && most.value > 0 && maxBytes !== undefined && maxBytes > most.value) {
        yield {
          place: stream.place('maxBytes'),
          cause: `${stream.title} asks for ${formatSize(maxBytes)}, and a stream of account ${account.key} may have ${formatSize(most.value)} (${most.key}, ${placeText(placeOf(most.span))}).`,
          fix: `Write at most ${formatSize(most.value)}, or raise ${most.key}.`,
          symptom: 'stream max bytes exceeds account limit max stream bytes',
        };
      }
    }
  }
}

/** A file that names no account means the only one that there is. */
function isIn({ key }: ConfEntry, account: string, entries: readonly ConfEntry[]): boolean {
  const withStreams = (mapOf(entryOf(entries, 'accounts')) ?? []).filter(
    (each) => entryOf(mapOf(each) ?? [], 'jetstream') !== undefined,
  );
  return key === account || (account === '$G' && withStreams.length === 1 && withStreams[0]?.key === key);
}

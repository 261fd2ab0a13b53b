import { formatSize } from '../../../topology/sizes.ts';
import type { DeclaredProject, StaticFacts } from '../../facts.ts';
import type { Edit, Report } from '../../finding.ts';
import { type Placed, placeOf } from '../../nats-conf/conf-values.ts';
import { type ServerConf, serverConf } from '../../nats-conf/server.ts';
import { defineRule } from '../../rule.ts';

/** C02: `10G` is ten thousand million bytes, and ten GiB do not fit into it. */
export const c02DecimalSizes = defineRule({
  id: 'C02',
  title: 'G where GiB was meant',
  severity: 'warning',
  meaning: 'A limit is written in powers of 1000 while what has to fit into it is counted in powers of 1024.',
  cause:
    'nats-server reads an unquoted 10G as 10,000,000,000 bytes and 10GB, 10Gi, 10GiB and the quoted "10G" as 10,737,418,240: 7 % more. A stream or an account of 10GiB does not fit into 10G, and as space is reserved when a stream is created, it is refused while the disk is empty.',
  fix: 'Write KiB, MiB, GiB or TiB, without quotes, wherever a size is meant; or plain bytes.',
  symptoms: [
    'insufficient storage resources available (10047)',
    'insufficient memory resources available (10028)',
  ],
  codes: [10047, 10028],
  *static(facts) {
    for (const document of facts.confs) yield* inConf(serverConf(document), facts);
    if (facts.project !== null) yield* inProject(facts.project);
  },
});

/** `10G`, unquoted: the amount and the letter. */
const decimal = (raw: string): [string, string] | undefined => {
  const [, amount, unit] = /^(\d+)([kmgtpe])$/i.exec(raw.trim()) ?? [];
  return amount === undefined ? undefined : [amount, unit!.toUpperCase()];
};

const inBinary = ([amount, unit]: [string, string]): number =>
  Number(amount) * 1024 ** ('KMGTPE'.indexOf(unit) + 1);

const symptomOf = ({ key }: { key: string }): string =>
  key.toLowerCase().includes('mem')
    ? 'insufficient memory resources available (10028)'
    : 'insufficient storage resources available (10047)';

const isBinary = (raw: string): boolean => /^\d+[kmgtpe]i?b$|^\d+[kmgtpe]i$|^"\d+[KMGT]"$/i.test(raw.trim());

function* inConf(conf: ServerConf, facts: StaticFacts): Iterable<Report> {
  const { jetstream, accounts } = conf;
  const limits = accounts.flatMap(({ jetstream: own }) => (own?.enabled ? [own] : []));
  const sum = (key: 'maxFile' | 'maxMemory') =>
    limits.reduce((total, own) => total + Math.max(0, own[key]?.value ?? 0), 0);
  const ofStreams = (storage: 'file' | 'memory') => streamBytes(facts.project, storage);
  const servers: [Placed<number> | undefined, number][] = [
    [jetstream.maxFile, Math.max(sum('maxFile'), ofStreams('file'))],
    [jetstream.maxMemory, Math.max(sum('maxMemory'), ofStreams('memory'))],
  ];
  const all = [...servers.map(([size]) => size), ...limits.flatMap((own) => [own.maxFile, own.maxMemory])];
  const binary = all.find((size) => size !== undefined && isBinary(size.raw));
  for (const size of all) {
    const read = size && decimal(size.raw);
    if (size === undefined || read === undefined) continue;
    const wanted = servers.find(([server]) => server === size)?.[1] ?? 0;
    yield* report(size, read, { wanted, binary });
  }
}

function* report(
  size: Placed<number>,
  read: [string, string],
  { wanted, binary }: { wanted: number; binary: Placed<number> | undefined },
): Iterable<Report> {
  const better = `${read[0]}${read[1]}iB`;
  const overflows = wanted > size.value && wanted <= inBinary(read);
  const told = `${size.key} ${size.raw} is ${size.value} bytes, which is ${formatSize(inBinary(read) - size.value)} less than ${better}`;
  const symptom = symptomOf(size);
  const edits: Edit[] = [{ file: size.span.file, start: size.span.start, end: size.span.end, text: better }];
  if (overflows)
    yield {
      place: placeOf(size.span),
      severity: 'error',
      cause: `${told}, and ${formatSize(wanted)} is to be reserved in it.`,
      fix: `Write ${better}.`,
      symptom,
      edits,
    };
  else if (binary !== undefined)
    yield {
      place: placeOf(size.span),
      cause: `${told}, while ${binary.key} ${binary.raw} in the same file counts in powers of 1024.`,
      fix: `Write ${better}, so that all sizes mean the same.`,
      symptom,
      edits,
    };
  else
    yield {
      place: placeOf(size.span),
      severity: 'note',
      cause: `${told}, so streams of ${better} in all do not fit.`,
      fix: `Write ${better} when that was meant.`,
      symptom,
    };
}

/** Units are taken at their word in devenv.yaml, so only what would have fitted otherwise is worth a word. */
function* inProject(project: DeclaredProject): Iterable<Report> {
  const { nats } = project.topology;
  for (const [key, storage, limit] of [
    ['max_file_store', 'file', nats.maxFileStore],
    ['max_memory_store', 'memory', nats.maxMemoryStore],
  ] as const) {
    const written = project.written(['nats', key]);
    const read = typeof written === 'string' ? decimal(written.replace(' ', '')) : undefined;
    const wanted = streamBytes(project, storage);
    if (read === undefined || wanted <= limit || wanted > inBinary(read)) continue;
    const better = `${read[0]}${read[1]}iB`;
    const scalar = project.scalar(['nats', key]);
    yield {
      place: project.place(['nats', key]),
      severity: 'error',
      cause: `${key} ${written} is ${limit} bytes, and the ${storage} streams reserve ${wanted} bytes (${formatSize(wanted)}): more than ${written}, but not more than ${better}.`,
      fix: `Write ${better}.`,
      symptom: symptomOf({ key }),
      ...(scalar === null
        ? {}
        : { edits: [{ file: scalar.file, start: scalar.start, end: scalar.end, text: better }] }),
    };
  }
}

/** What the declared streams reserve on one server, when each of them is on every server. */
function streamBytes(project: DeclaredProject | null, storage: 'file' | 'memory'): number {
  if (project === null) return 0;
  const { streams, families } = project.topology;
  const bytes = (stream: { storage: string; maxBytes: number }) =>
    stream.storage === storage ? Math.max(0, stream.maxBytes) : 0;
  return (
    streams.filter(({ family }) => family === undefined).reduce((total, stream) => total + bytes(stream), 0) +
    families.reduce((total, { pattern, atMost }) => total + bytes(pattern) * atMost, 0)
  );
}

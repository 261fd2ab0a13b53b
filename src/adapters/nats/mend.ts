import { setTimeout as delay } from 'node:timers/promises';
import { DevenvError } from '../../errors.ts';
import type { DeclaredTopology, TopologyChange } from '../../topology/diff.ts';
import type { Consumer, Stream } from '../../topology/model.ts';
import type { NatsClient } from './client.ts';
import { apiCodeOf } from './failures.ts';

export interface MendOptions {
  signal: AbortSignal;
  /** Told as soon as the server has done it, so that a failure later on hides nothing. */
  onDone?: (done: Mended) => void;
}

/** One thing that the server did. */
export interface Mended {
  /** `stream MESSAGES`, `consumer MESSAGES/workers` */
  object: string;
  action: 'created' | 'updated' | 'recreated';
  /** `max_age 1d → 7d`, one for each field. */
  details: readonly string[];
}

/**
 * Makes the server as declared, by the given changes: streams before consumers, and among streams those that give
 * something up before those that may need it. `immutable` ones are deleted and created again: whoever passes them has
 * been told what that loses. Throws what the server refuses; what was done until then stays done.
 */
export async function mendTopology(
  client: NatsClient,
  declared: DeclaredTopology,
  changes: readonly TopologyChange[],
  { signal, onDone = () => {} }: MendOptions,
): Promise<void> {
  const works = worksOf(changes);
  const remade = new Set<string>();
  const streams = works.filter(({ type }) => type === 'stream').sort((a, b) => rank(a) - rank(b));
  // One after another: created at once, two streams can together reserve more than there is (seen on 2.15.1).
  for (const work of streams) {
    signal.throwIfAborted();
    const stream = declared.streams.find(({ name }) => name === work.stream);
    if (stream === undefined) continue;
    onDone(await mendStream(client, stream, work, signal));
    if (work.action === 'recreated') remade.add(work.stream);
  }
  signal.throwIfAborted();
  await all(
    declared.consumers.flatMap((consumer) => {
      const work = works.find(
        (candidate) => candidate.stream === consumer.stream && candidate.consumer === consumer.name,
      );
      const isGone = remade.has(consumer.stream);
      if (work === undefined && !isGone) return [];
      return [mendConsumer(client, consumer, work, isGone).then(onDone)];
    }),
  );
}

/** All changes of one object. */
interface Work extends Mended {
  type: TopologyChange['type'];
  stream: string;
  consumer: string | undefined;
  changes: readonly TopologyChange[];
}

function worksOf(changes: readonly TopologyChange[]): Work[] {
  const byObject = new Map<string, TopologyChange[]>();
  for (const change of changes) {
    if (change.kind !== 'create' && change.kind !== 'update' && change.kind !== 'immutable') continue;
    byObject.set(change.object, [...(byObject.get(change.object) ?? []), change]);
  }
  return [...byObject.values()].map((own): Work => {
    const { object, type, stream, consumer } = own[0]!;
    const kinds = own.map(({ kind }) => kind);
    const action = kinds.includes('create')
      ? 'created'
      : kinds.includes('immutable')
        ? 'recreated'
        : 'updated';
    const details = action === 'created' ? [] : own.map(fieldText);
    return { object, type, stream, consumer, action, details, changes: own };
  });
}

const fieldText = ({ field, live, declared }: TopologyChange): string => `${field} ${live} → ${declared}`;

/** What frees subjects or storage first, then other updates, then what needs both. */
function rank({ action, changes }: Work): number {
  if (action === 'created') return 3;
  if (action === 'recreated') return 1;
  return changes.some(({ dangerous }) => dangerous) ? 0 : 2;
}

async function mendStream(
  client: NatsClient,
  stream: Stream,
  { object, action, details, changes }: Work,
  signal: AbortSignal,
): Promise<Mended> {
  if (action === 'updated') {
    const steps = await updateSteps(client, stream, new Set(changes.map(({ field }) => field)));
    for (const step of steps) await onceJoined(() => client.updateStream(step), signal);
  } else {
    if (action === 'recreated') await client.deleteStream(stream.name);
    await afterDeleting(action, object, () => onceJoined(() => client.createStream(stream), signal));
  }
  return { object, action, details };
}

/** A server scales a stream or moves it, never both at once (10123). With a tag there is one copy: fewer come first. */
async function updateSteps(
  client: NatsClient,
  stream: Stream,
  fields: ReadonlySet<string | undefined>,
): Promise<readonly Stream[]> {
  if (stream.placement.length === 0 || !fields.has('replicas') || !fields.has('placement')) return [stream];
  const live = await client.getStream(stream.name);
  return live === null ? [stream] : [{ ...stream, placement: live.placement }, stream];
}

/** A cluster that has just come up may have a leader that does not know yet what the other servers can hold. */
const JOINING_MS = 5_000;
const JOINING_CODES = new Set([10005, 10008]);
/** The update before it is still being carried out by the servers. */
const UNDER_WAY_CODES = new Set([10124, 10226]);

async function onceJoined<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const deadline = performance.now() + JOINING_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const code = apiCodeOf(error);
      const passes = code !== undefined && (JOINING_CODES.has(code) || UNDER_WAY_CODES.has(code));
      if (!passes || performance.now() > deadline) throw error;
      await delay(100, undefined, { signal });
    }
  }
}

async function mendConsumer(
  client: NatsClient,
  consumer: Consumer,
  work: Work | undefined,
  isGone: boolean,
): Promise<Mended> {
  const object = `consumer ${consumer.stream}/${consumer.name}`;
  const action = isGone ? 'recreated' : (work?.action ?? 'created');
  if (action === 'updated') await client.updateConsumer(consumer);
  else {
    if (action === 'recreated' && !isGone) await client.deleteConsumer(consumer.stream, consumer.name);
    await afterDeleting(action, object, () => client.createConsumer(consumer));
  }
  return { object, action, details: work?.details ?? [] };
}

/** A creation that fails after a deletion leaves nothing where something was: that has to be said. */
async function afterDeleting<T>(
  action: Mended['action'],
  object: string,
  create: () => Promise<T>,
): Promise<T> {
  try {
    return await create();
  } catch (error) {
    if (action !== 'recreated' || !(error instanceof DevenvError)) throw error;
    throw new DevenvError(
      error.code,
      `${object} was deleted and could not be created again: ${error.message}`,
      {
        cause: error,
        details: error.details,
        hint: `${error.hint === undefined ? '' : `${error.hint} `}Then run the same again: it creates what is missing.`,
      },
    );
  }
}

/** Waits for all of them before it throws the first failure, so that nothing is still under way afterwards. */
async function all(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

import { NearSubjects } from '../../../topology/near-subjects.ts';
import { SubjectTree } from '../../../topology/subject-tree.ts';
import { covers, subjectProblem, tokensOf } from '../../../topology/subjects.ts';
import type { StaticFacts, TextSpan } from '../../facts.ts';
import type { Place } from '../../finding.ts';
import { onceFor } from '../../once.ts';
import type { WrittenConsumer } from '../../written/consumer.ts';
import { writtenConsumers } from '../../written/consumers.ts';
import { looksLikeDeadLetters } from '../consumers/dead-letters.ts';
import { isOfNats, type Traffic, trafficOf, type Use } from './subject-traffic.ts';

/** A pattern in a file, and who wants something by it. */
export interface Party {
  /** `stream EVENTS captures`, `service api publishes`, `consumer EVENTS/mail filters` */
  says: string;
  pattern: string;
  place(): Place;
  scalar(): TextSpan | null;
}

/** Two patterns that were meant to meet and do not. */
export interface Mismatch {
  /** `star`: `meant` ends in `*` and would meet the other one with `>`. `slip`: one word is written differently. */
  kind: 'star' | 'slip';
  account: string;
  /** What goes nowhere, or hears nothing. */
  lonely: Party;
  other: Party;
  /** `star`: which of the two has the star. */
  short?: Party;
  /** `slip`: the two words. */
  words?: readonly [string, string];
}

/** What somebody publishes or asks, and no stream and no core subject covers. */
export interface Unheard {
  traffic: Traffic;
  use: Use;
  /** Some of it is captured or expected. */
  partly: boolean;
  /** Subscribers to some of it on core NATS. */
  listeners: readonly Use[];
}

export interface SubjectProblems {
  mismatches: readonly Mismatch[];
  /** Those that no mismatch explains. */
  unheard: readonly Unheard[];
}

/** Worked out once: four rules tell of one part each, so that one mistake is told once. */
export const subjectProblems = onceFor((facts: StaticFacts): SubjectProblems => {
  const each = trafficOf(facts).map((traffic) => problemsOf(traffic, filtersIn(facts, traffic)));
  return {
    mismatches: each.flatMap(({ mismatches }) => mismatches),
    unheard: each.flatMap(({ unheard }) => unheard),
  };
});

function problemsOf(traffic: Traffic, filters: readonly Party[]): SubjectProblems {
  const mismatches: Mismatch[] = [];
  const unheard: Unheard[] = [];
  const told = new Set<Party>();
  const tell = (found: Mismatch | undefined): boolean => {
    if (found === undefined) return false;
    mismatches.push(found);
    told.add(found.other);
    return true;
  };
  const hearers = [...traffic.uses.filter((use) => listens(use) && !isOfNats(use)).map(useParty), ...filters];
  const receivers = new Counterparts(traffic.account, 'receive', [
    ...traffic.captures.map(captureParty),
    ...hearers,
  ]);
  const idleStreams = new Counterparts(traffic.account, 'receive', idleCaptures(traffic).map(captureParty));
  for (const use of traffic.uses) {
    if (listens(use) || isHeard(use, traffic)) continue;
    const listeners = [...traffic.listening.crossing(use.pattern)];
    // Who is heard may be meant for core NATS; a stream beside it that gets nothing at all says that it is not.
    const meant =
      listeners.length === 0 ? receivers.meantBy(useParty(use)) : idleStreams.openedBy(useParty(use));
    if (tell(meant)) continue;
    const partly = !traffic.expected.crossing(use.pattern).next().done;
    unheard.push({ traffic, use, partly, listeners });
  }
  const senders = new Counterparts(
    traffic.account,
    'send',
    traffic.uses.filter((use) => !listens(use)).map(useParty),
  );
  for (const hearer of hearers) {
    const hears = !traffic.speaking.crossing(hearer.pattern).next().done;
    // The other end has been told already.
    if (hears || told.has(hearer)) continue;
    const found = senders.meantBy(hearer);
    const isExpected = traffic.coreSubjects.some((core) => covers(core, hearer.pattern));
    if (found?.kind === 'star' || !isExpected) tell(found);
  }
  return { mismatches, unheard };
}

/** Subjects of streams that nothing which anybody sends can get into. */
const idleCaptures = ({ captures, speaking }: Traffic): Traffic['captures'] =>
  captures.filter(({ pattern }) => speaking.crossing(pattern).next().done);

const listens = ({ verb }: Use): boolean => verb === 'subscribes' || verb === 'serves';

function isHeard(use: Use, { expected, exact, captured, listening }: Traffic): boolean {
  const { pattern, verb, actor } = use;
  if (isOfNats(use) || (subjectProblem(pattern) === null ? exact : expected).coversAll(pattern)) return true;
  // Whoever answers is enough; what a stream answers is told as what it is, by S06.
  if (verb === 'requests')
    return !listening.crossing(pattern).next().done || !captured.crossing(pattern).next().done;
  // K14 tells of dead letters.
  return (
    actor.role.works.length > 0 &&
    looksLikeDeadLetters(pattern) &&
    expected.crossing(pattern).next().done === true
  );
}

const VERB_TEXT = {
  publishes: 'publishes',
  requests: 'requests',
  subscribes: 'subscribes to',
  serves: 'serves',
};

const useParty = ({ actor, verb, pattern, place, scalar }: Use): Party => ({
  says: `${actor.title} ${VERB_TEXT[verb]}`,
  pattern,
  place,
  scalar,
});

const captureParty = ({ stream, pattern, item }: Traffic['captures'][number]): Party => ({
  says: `${stream.title} captures`,
  pattern,
  place: () => stream.place('subjects', item),
  scalar: () => stream.scalar('subjects', item),
});

/** Filters that let nothing of their stream through are told by S07. */
const filtersIn = (facts: StaticFacts, { account, captures }: Traffic): Party[] => {
  const reach = new Map<string, SubjectTree<true>>();
  for (const stream of new Set(captures.map((capture) => capture.stream))) {
    for (const name of new Set([stream.name, ...stream.captured.map((captured) => captured.stream)])) {
      const tree = reach.get(name) ?? new SubjectTree<true>();
      reach.set(name, tree);
      for (const pattern of stream.reach) tree.add(pattern, true);
    }
  }
  const passes = (consumer: WrittenConsumer, filter: string): boolean =>
    consumer.streams.some((name) => reach.get(name)?.crossing(filter).next().done === false);
  return writtenConsumers(facts).flatMap((consumer) =>
    consumer.account !== null && consumer.account !== account
      ? []
      : (consumer.fields.filterSubjects ?? []).flatMap((pattern, item) => {
          if (!passes(consumer, pattern)) return [];
          const place = () => consumer.place('filterSubjects', item);
          return [{ says: `${consumer.title} filters`, pattern, place, scalar: () => null }];
        }),
  );
};

/** Patterns of one side, asked for the one that somebody on the other side meant. */
class Counterparts {
  readonly #account: string;
  readonly #side: 'receive' | 'send';
  readonly #parties = new Map<string, Party>();
  /** Receivers that end in a star, by what they would be with `>`; all of the senders. */
  readonly #tree = new SubjectTree<Party>();
  #near: NearSubjects | undefined;

  constructor(account: string, side: 'receive' | 'send', parties: readonly Party[]) {
    this.#account = account;
    this.#side = side;
    for (const party of parties) {
      if (this.#parties.has(party.pattern)) continue;
      this.#parties.set(party.pattern, party);
      const pattern = side === 'send' ? party.pattern : opened(party.pattern);
      if (pattern !== undefined) this.#tree.add(pattern, party);
    }
  }

  meantBy(lonely: Party): Mismatch | undefined {
    return this.openedBy(lonely) ?? this.#slip(lonely);
  }

  /** Only a receiver's star can be meant otherwise: a sender's stands for one word of its own. */
  openedBy(lonely: Party): Mismatch | undefined {
    const words = tokensOf(lonely.pattern).length;
    const about = { kind: 'star', account: this.#account, lonely } as const;
    if (this.#side === 'receive') {
      for (const other of this.#tree.covering(lonely.pattern))
        if (tokensOf(other.pattern).length < words) return { ...about, other, short: other };
      return undefined;
    }
    const open = opened(lonely.pattern);
    if (open === undefined) return undefined;
    for (const other of this.#tree.crossing(open))
      if (tokensOf(other.pattern).length > words) return { ...about, other, short: lonely };
    return undefined;
  }

  #slip(lonely: Party): Mismatch | undefined {
    this.#near ??= new NearSubjects(this.#parties.keys());
    const near = this.#near.nearestTo(lonely.pattern);
    const other = near && this.#parties.get(near.pattern);
    if (near === undefined || other === undefined) return undefined;
    return { kind: 'slip', account: this.#account, lonely, other, words: [near.word, near.meant] };
  }
}

/** `events.*` → `events.>`; undefined for what has no star at its end, or nothing but stars. */
export function opened(pattern: string): string | undefined {
  if (!pattern.endsWith('.*') || tokensOf(pattern).every((token) => token === '*')) return undefined;
  return `${pattern.slice(0, -1)}>`;
}

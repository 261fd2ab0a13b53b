import { versionReading } from '../../compose/nats-services.ts';
import type { StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { checkConf } from '../../nats-conf/check.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import type { ConfDocument, ConfProblem, ConfSpan } from '../../nats-conf/document.ts';
import type { ConfFault } from '../../nats-conf/fault.ts';
import { serverConf } from '../../nats-conf/server.ts';
import { kindOfFault, kindOfProblem, type RefusalKind } from './refusal-kind.ts';

/** One thing that `nats-server -t` refuses in a nats.conf: exactly one rule tells of it. */
export interface Refusal {
  kind: RefusalKind;
  document: ConfDocument;
  /** Of the server that reads the file. */
  version: string;
  message: string;
  /** Where the server says it is. */
  span: ConfSpan;
  /** The part to look at: mostly the value. */
  at: ConfSpan;
  /** Settings are right or wrong; what cannot be read at all is a problem. */
  fault?: ConfFault;
  problem?: ConfProblem;
  /** Only `-t` refuses it; the server would start. */
  startsAnyway: boolean;
}

/** Many rules ask about the same document; it is checked once. */
const known = new WeakMap<ConfDocument, Map<string, readonly Refusal[]>>();

/** Everything of one kind that is refused in any nats.conf. */
export function* refusals(facts: StaticFacts, kind: RefusalKind): Iterable<Refusal> {
  for (const document of facts.confs) {
    const version = versionReading(facts, serverConf(document));
    for (const refusal of refusalsOf(document, version)) if (refusal.kind === kind) yield refusal;
  }
}

/** Everything that a server of that version refuses in one document, in the order in which it would be met. */
export function refusalsOf(document: ConfDocument, version: string): readonly Refusal[] {
  const byVersion = known.get(document) ?? new Map<string, readonly Refusal[]>();
  known.set(document, byVersion);
  const found = byVersion.get(version);
  if (found !== undefined) return found;
  const made = [
    ...document.problems.map((problem): Refusal => {
      const { message, span } = problem;
      const startsAnyway = problem.code === 'empty';
      const kind = kindOfProblem(problem, document);
      return { kind, document, version, message, span, at: span, problem, startsAnyway };
    }),
    ...checkConf(document, version).map((fault): Refusal => {
      const { message, span, at } = fault;
      const startsAnyway = fault.severity === 'warning';
      return { kind: kindOfFault(fault), document, version, message, span, at, fault, startsAnyway };
    }),
  ];
  byVersion.set(version, made);
  return made;
}

/** What the server prints: `nats.conf:26:4: unknown field "max_memory"`. A file that cannot be read has no columns there. */
export const printed = ({ span, message, problem }: Refusal): string =>
  problem === undefined || problem.code === 'bom'
    ? `${span.file}:${span.line}:${span.column}: ${message}`
    : message;

/** The report of a refusal, at its value. */
export const refused = (
  refusal: Refusal,
  said: Pick<Report, 'cause' | 'fix'> & Partial<Pick<Report, 'edits' | 'place' | 'symptom'>>,
): Report => ({
  place: placeOf(refusal.at),
  symptom: printed(refusal),
  ...(refusal.startsAnyway && { severity: 'warning' }),
  ...said,
});

/** The text of a span as it stands in its file. */
export const writtenAt = ({ document }: Refusal, { file, start, end }: ConfSpan): string =>
  document.sources.get(file)?.slice(start, end) ?? '';

/** The whole line in which a span begins. */
export function lineAt(document: ConfDocument, { file, line }: ConfSpan): string {
  return document.sources.get(file)?.split('\n')[line - 1] ?? '';
}

/** Replaces a span. */
export const replaced = ({ file, start, end }: ConfSpan, text: string): NonNullable<Report['edits']> => [
  { file, start, end, text },
];

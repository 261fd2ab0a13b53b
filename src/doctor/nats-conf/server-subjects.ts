import { goQuoted } from './go-values.ts';

/** What nats-server takes for a subject or a pattern: no empty token, no white space, `>` only at the end. */
export function isValidSubject(subject: string): boolean {
  const tokens = subject.split('.');
  return tokens.every(
    (token, index) =>
      token !== '' && !/[\t\n\f\r ]/.test(token) && (token !== '>' || index === tokens.length - 1),
  );
}

export const isLiteral = (subject: string): boolean =>
  !subject.split('.').some((token) => token === '*' || token === '>');

/** A subject to publish to. */
export const isPublishSubject = (subject: string): boolean => isValidSubject(subject) && isLiteral(subject);

/**
 * What nats-server says of a permission's subject, null when it takes it: a subject, or where queues are allowed, a
 * subject and a queue group with white space between.
 */
export function permissionProblem(
  subject: string,
  { queues, checksQueue }: { queues: boolean; checksQueue: boolean },
): string | null {
  if (isValidSubject(subject)) return null;
  const refused = (text: string): string => `subject ${goQuoted(text)} is not a valid subject`;
  const parts = subject.split(/[\s\u0085]+/u).filter((part) => part !== '');
  const [first, queue] = parts;
  if (!queues || parts.length !== 2) return refused(subject);
  if (!isValidSubject(first!)) return refused(first!);
  return checksQueue && !isValidSubject(queue!) ? `queue ${goQuoted(queue!)} is not a valid queue` : null;
}

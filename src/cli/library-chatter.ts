import { format } from 'node:util';

const METHODS = ['log', 'info', 'debug', 'warn', 'error', 'trace', 'dir', 'table'] as const;

/**
 * Takes over what libraries print by themselves. The NATS client, for one, prints the stack of an error on stdout when a
 * server sends what it cannot read; stdout belongs to results, and that error is told in our own words anyway.
 */
export function divertConsole(
  target: Pick<Console, (typeof METHODS)[number]>,
  tell: (text: string) => void,
): void {
  for (const method of METHODS) target[method] = (...said: unknown[]) => tell(`${format(...said)}\n`);
}

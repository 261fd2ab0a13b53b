import type { ErrorShape } from '../errors.ts';
import { printable } from './safe-text.ts';
import type { Style } from './style.ts';

export interface ErrorTextOptions {
  style: Style;
  /** Only printed for what is not a DevenvError, and only when given. */
  stack?: string;
  /** Messages of the causes, outermost first. */
  causes?: readonly string[];
}

/** What is wrong, the details as they are, what to do. Values in it may come from anywhere, so it is cleaned. */
export function errorLines(error: ErrorShape, { style, stack, causes = [] }: ErrorTextOptions): string[] {
  const label = style.red('error:');
  if (error.code === 'INTERNAL') {
    return [
      `${label} This is a bug in devenv: ${printable(error.message)}`,
      ...(stack === undefined ? [] : printable(stack).split('\n')),
      ...(stack === undefined
        ? [`${style.cyan('hint:')} Run it again with --verbose and report what it prints.`]
        : []),
    ];
  }
  return [
    `${label} ${printable(error.message)}`,
    ...(error.details ?? []).map((line) => `  ${printable(line).replaceAll('\n', '\n  ')}`),
    ...causes.map((cause) => style.dim(`  caused by: ${printable(cause).replaceAll('\n', '\n  ')}`)),
    ...(error.hint === undefined ? [] : [`${style.cyan('hint:')} ${printable(error.hint)}`]),
  ];
}

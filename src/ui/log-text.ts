import type { LogLine } from '../runtime/runtime.ts';
import { printable } from './safe-text.ts';
import type { Format, Style } from './style.ts';
import { textWidth } from './text-width.ts';

const PALETTE: readonly Format[] = ['cyan', 'green', 'magenta', 'yellow', 'blue'];

/** A printer of log lines: `worker   | text`, aligned over all services that may come, a colour for each. */
export function logPrinter(services: readonly string[], style: Style): (line: LogLine) => string {
  const room = Math.max(0, ...services.map(textWidth));
  return ({ service, text }) => {
    const index = services.indexOf(service);
    const format = PALETTE[(index === -1 ? 0 : index) % PALETTE.length]!;
    const prefix = `${service}${' '.repeat(Math.max(0, room - textWidth(service)))} |`;
    return `${style[format](prefix)} ${printable(text, { colour: style.coloured })}`;
  };
}

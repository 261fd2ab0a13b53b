import type { DownResult } from '../engine/engine.ts';
import type { ReportOptions } from './report.ts';
import { spokenDuration } from './units.ts';

export function downLines(
  { environment, removed, ms }: DownResult,
  { volumes }: { volumes: boolean },
  { style, invocation }: ReportOptions,
): string[] {
  const name = style.bold(environment);
  if (removed.length === 0) return [`${name} is not running: nothing to do`];
  return [
    `${name} is down (${spokenDuration(ms)})`,
    ...removed.map((line) => `  ${line}`),
    ...(volumes ? [] : [style.dim(`data kept; \`${invocation('down --volumes')}\` removes it`)]),
  ];
}

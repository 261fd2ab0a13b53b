import type { Progress, ProgressOptions } from './progress.ts';
import { createNdjson } from './progress-ndjson.ts';
import { createPlain } from './progress-plain.ts';
import { createTree } from './progress-tree.ts';

export type ProgressMode = 'tree' | 'plain' | 'quiet' | 'ndjson';

const NARROWEST = 20;

/** A tree only where somebody watches: a CI log that calls itself a terminal keeps every frame. */
export function progressMode(wish: {
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  isTTY: boolean;
  /** Of the terminal; 0 where nobody has told it its size, and nothing can be drawn. */
  columns: number;
  env: Readonly<Record<string, string | undefined>>;
}): ProgressMode {
  if (wish.json) return 'ndjson';
  if (wish.quiet) return 'quiet';
  const watched =
    wish.isTTY && wish.columns >= NARROWEST && wish.env.TERM !== 'dumb' && (wish.env.CI ?? '') === '';
  return watched && !wish.verbose ? 'tree' : 'plain';
}

export function createProgress(mode: ProgressMode, options: ProgressOptions): Progress {
  if (mode === 'ndjson') return createNdjson(options);
  if (mode === 'tree') return createTree(options);
  return createPlain({ ...options, quiet: mode === 'quiet' });
}

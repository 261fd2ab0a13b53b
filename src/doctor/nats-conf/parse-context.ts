import type { Allowance } from './allowance.ts';
import type { ConfSpan } from './document.ts';
import type { SourceText, TextOrigin } from './source-text.ts';

export type ReadText =
  | { text: string; origin?: TextOrigin }
  | { error: 'missing' | 'unreadable' | 'too-large' | 'folder'; reason: string };

/** What all texts of one document have in common. */
export interface ParseContext {
  read(path: string): ReadText;
  env: Readonly<Record<string, string | undefined>>;
  maxDepth: number;
  version: string;
  sources: Map<string, string>;
  allowance: Allowance;
}

/** A text that is read for a document. */
export interface Reading {
  source: SourceText;
  /** Files that lead here, outermost first, and this one. */
  chain: readonly string[];
  /** Variables of the environment being read, to notice when one refers to itself; and where the first was written. */
  within: { names: readonly string[]; span: ConfSpan } | null;
}

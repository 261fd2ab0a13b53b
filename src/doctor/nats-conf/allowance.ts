import type { ConfEntry, ConfValue } from './document.ts';

/** Files and values of the environment that are read: each may name two others, and those two more. */
export const MOST_TEXTS = 1_000;
/** Values that references stand for, likewise. */
export const MOST_VALUES = 1_000_000;

/**
 * What one document may cost in all. A few lines can stand for more than any machine holds: files that include two others
 * each, blocks that refer twice to the block before.
 */
export class Allowance {
  private texts = 0;
  private values = 0;
  /** How many values a list or a block holds, those inside counted. */
  private readonly sizes = new WeakMap<readonly unknown[], number>();

  /** Remembers how large a finished list or block is. */
  measure(items: readonly ConfValue[] | readonly ConfEntry[]): void {
    let size = 1;
    for (const item of items) size += this.sizeOf('value' in item && 'key' in item ? item.value : item);
    this.sizes.set(items, size);
  }

  private sizeOf(value: ConfValue): number {
    if (value.kind === 'map') return this.sizes.get(value.entries) ?? 1;
    return value.kind === 'list' ? (this.sizes.get(value.items) ?? 1) : 1;
  }

  /** Counts one more text: whether it may be read, or is the first of those that may not. */
  takeText(): 'read' | 'first-refused' | 'refused' {
    this.texts += 1;
    if (this.texts <= MOST_TEXTS) return 'read';
    return this.texts === MOST_TEXTS + 1 ? 'first-refused' : 'refused';
  }

  /** Counts what a reference stands for; false when that is too much. */
  takeValue(value: ConfValue): boolean {
    this.values += this.sizeOf(value);
    return this.values <= MOST_VALUES;
  }
}

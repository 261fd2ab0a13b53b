import type { Style } from './style.ts';
import { textWidth, truncate } from './text-width.ts';

export interface Column {
  title: string;
  align?: 'left' | 'right';
  /** May be cut with `…` when the terminal is too narrow. Others never are: half a URL is no URL. */
  shrinks?: boolean;
}

/** A text, or a text with a colour that is put on after it has been measured. */
export type Cell = string | { text: string; paint: (text: string) => string };

const GAP = '  ';
const NARROWEST = 6;

/**
 * Aligned columns without lines. `width` is the terminal's, Infinity for a file: what is read by programs is never cut.
 * Columns that are empty in every row are left out.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { style, width }: { style: Style; width: number },
): string[] {
  const used = columns
    .map((_, index) => index)
    .filter((index) => rows.some((row) => textOf(row[index]) !== ''));
  const widths = new Map(
    used.map((index) => [
      index,
      Math.max(textWidth(columns[index]!.title), ...rows.map((row) => textWidth(textOf(row[index])))),
    ]),
  );
  shrink(columns, widths, width);
  const line = (cells: readonly (Cell | undefined)[]): string =>
    used
      .map((index, position) => {
        const cell = cells[index] ?? '';
        const room = widths.get(index)!;
        const text = truncate(textOf(cell), room);
        const padding = ' '.repeat(room - textWidth(text));
        const painted = typeof cell === 'string' ? text : cell.paint(text);
        if (columns[index]!.align === 'right') return padding + painted;
        return position === used.length - 1 ? painted : painted + padding;
      })
      .join(GAP)
      .trimEnd();
  return [line(columns.map(({ title }) => ({ text: title, paint: style.dim }))), ...rows.map(line)];
}

/** Takes from the widest column that may shrink until all fits or nothing is left to take. */
function shrink(columns: readonly Column[], widths: Map<number, number>, width: number): void {
  const total = () => [...widths.values()].reduce((sum, one) => sum + one + GAP.length, -GAP.length);
  for (let excess = total() - width; excess > 0; excess = total() - width) {
    const [index, room] = [...widths]
      .filter(([candidate, cells]) => columns[candidate]!.shrinks === true && cells > NARROWEST)
      .reduce<readonly [number, number]>((widest, one) => (one[1] > widest[1] ? one : widest), [-1, 0]);
    if (index === -1) return;
    widths.set(index, room - 1);
  }
}

const textOf = (cell: Cell | undefined): string => (typeof cell === 'object' ? cell.text : (cell ?? ''));

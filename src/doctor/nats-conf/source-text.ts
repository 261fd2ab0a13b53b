import type { ConfSpan } from './document.ts';

/** A file's text with its line starts, for spans. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  private readonly lineStarts: number[] = [0];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1))
      this.lineStarts.push(at + 1);
  }

  span(start: number, end: number): ConfSpan {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.lineStarts[middle]! <= start) low = middle;
      else high = middle - 1;
    }
    return { file: this.file, line: low + 1, column: start - this.lineStarts[low]! + 1, start, end };
  }
}

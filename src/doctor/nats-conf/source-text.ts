import type { ConfSpan } from './document.ts';

/** Where a text stands when it is a part of another file: a nats.conf within a manifest of Kubernetes. */
export interface TextOrigin {
  whole: SourceText;
  /** Offset in the whole of a character of the part. */
  offsetOf(at: number): number;
  /** Are the characters of the part those of the whole, so that one can be replaced there? Not behind an encoding. */
  isVerbatim: boolean;
}

/** A file's text with its line starts, for spans. */
export class SourceText {
  /** From where includes are looked for. */
  readonly file: string;
  readonly text: string;
  readonly origin: TextOrigin | undefined;
  private readonly lineStarts: number[] = [0];

  constructor(file: string, text: string, origin?: TextOrigin) {
    this.file = file;
    this.text = text;
    this.origin = origin;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1))
      this.lineStarts.push(at + 1);
  }

  /** The text whose name and places spans give. */
  get shown(): SourceText {
    return this.origin?.whole ?? this;
  }

  /** In a part of another file, a span of that file; its offsets are NaN where nothing can be replaced. */
  span(start: number, end: number): ConfSpan {
    if (this.origin === undefined) return this.ownSpan(start, end);
    const { whole, offsetOf, isVerbatim } = this.origin;
    const from = offsetOf(start);
    const span = whole.ownSpan(from, end > start ? offsetOf(end - 1) + 1 : from);
    return isVerbatim ? span : { ...span, start: Number.NaN, end: Number.NaN };
  }

  /** The other way round: lines and columns count from 1. */
  offset(line: number, column: number): number {
    return this.lineStarts[line - 1]! + column - 1;
  }

  private ownSpan(start: number, end: number): ConfSpan {
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

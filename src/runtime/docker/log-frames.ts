import type { LogLine } from '../runtime.ts';

/** A line with the engine's own timestamp, which orders lines within a millisecond. */
export interface StampedLine extends LogLine {
  /** RFC 3339 with nanoseconds, as text; always UTC and of one length, so it sorts. */
  stamp: string;
}

const HEADER_BYTES = 8;
const STREAM_TYPES = 2;

/**
 * Takes the engine's log stream apart: frames of an 8-byte header (stream, length) and a payload, payloads cut anywhere,
 * each line led by its timestamp. stdout and stderr are kept apart until their lines are whole.
 * Source: Docker Engine API, "Attach to a container", stream format.
 */
export class LogFrames {
  readonly #service: string;
  #buffer: Buffer = Buffer.alloc(0);
  readonly #rest = ['', '', ''];

  constructor(service: string) {
    this.#service = service;
  }

  push(chunk: Buffer): StampedLine[] {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const lines: StampedLine[] = [];
    while (this.#buffer.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + this.#buffer.readUInt32BE(4);
      if (this.#buffer.length < end) break;
      const stream = Math.min(this.#buffer[0]!, STREAM_TYPES);
      lines.push(...this.#split(stream, this.#buffer.toString('utf8', HEADER_BYTES, end)));
      this.#buffer = this.#buffer.subarray(end);
    }
    return lines;
  }

  /** What a dying process wrote without a line break. */
  end(): StampedLine[] {
    return this.#rest.flatMap((text, stream) => {
      this.#rest[stream] = '';
      return text === '' ? [] : [this.#stamped(text)];
    });
  }

  #split(stream: number, text: string): StampedLine[] {
    const lines = (this.#rest[stream]! + text).split('\n');
    this.#rest[stream] = lines.pop()!;
    return lines.map((line) => this.#stamped(line));
  }

  #stamped(line: string): StampedLine {
    const space = line.indexOf(' ');
    const stamp = space < 0 ? line : line.slice(0, space);
    const text = space < 0 ? '' : line.slice(space + 1).replace(/\r$/, '');
    const at = new Date(stamp);
    return { service: this.#service, at: Number.isNaN(at.getTime()) ? stamp : at.toISOString(), text, stamp };
  }
}

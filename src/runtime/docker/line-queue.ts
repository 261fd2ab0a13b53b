import type { LogLine } from '../runtime.ts';

/** Lines from several producers for one reader; ends when the signal aborts, throws what a producer failed with. */
export class LineQueue implements AsyncIterable<LogLine> {
  #lines: LogLine[] = [];
  #failure: unknown;
  #failed = false;
  #wake: () => void = () => undefined;
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  push(line: LogLine): void {
    this.#lines.push(line);
    this.#wake();
  }

  fail(error: unknown): void {
    this.#failed = true;
    this.#failure = error;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LogLine> {
    const wake = () => this.#wake();
    this.#signal.addEventListener('abort', wake);
    try {
      for (;;) {
        const lines = this.#lines;
        this.#lines = [];
        yield* lines;
        if (this.#lines.length > 0) continue;
        if (this.#signal.aborted) return;
        if (this.#failed) throw this.#failure;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      this.#signal.removeEventListener('abort', wake);
    }
  }
}

import { createInterface } from 'node:readline/promises';
import { DevenvError } from '../errors.ts';
import type { Input } from './run.ts';

const MOST_BYTES = 8 * 1024 * 1024;

/** The process's own; untouched until a verb asks for it, so that the process can end without it. */
export const standardInput: Input = {
  get isTTY() {
    return process.stdin.isTTY === true;
  },
  async text(signal) {
    const { stdin } = process;
    const stop = (): void => {
      stdin.destroy();
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of stdin) {
        chunks.push(chunk as Buffer);
        bytes += (chunk as Buffer).length;
        if (bytes > MOST_BYTES) throw new DevenvError('USAGE', 'Standard input has more than 8 MiB.');
      }
      signal.throwIfAborted();
      return Buffer.concat(chunks).toString('utf8');
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DevenvError) throw error;
      throw new DevenvError('USAGE', `Standard input cannot be read: ${(error as Error).message}.`, {
        cause: error,
      });
    } finally {
      signal.removeEventListener('abort', stop);
      stdin.destroy();
    }
  },
  async line(prompt, signal) {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    // Ctrl-D: no answer is the careful answer.
    const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    // On a terminal in raw mode Ctrl-C reaches the reader, not the process.
    terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    try {
      return await Promise.race([terminal.question(prompt, { signal }), closed]);
    } finally {
      terminal.close();
    }
  },
};

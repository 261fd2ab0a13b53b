import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { REMARK } from '../log-format.ts';

/** Two files of this size per service at most: the current one and the one before. */
const ROTATE_BYTES = 8 << 20;
/** A longer line is cut into several: one line must fit into memory a few times over. */
const LINE_BYTES = 64 << 10;

const NEWLINE = 10;
const RETURN = 13;

export interface LogFile {
  /** Raw output of a process: whole lines are written, the rest waits for its newline. One stream per name. */
  write(stream: 'stdout' | 'stderr', chunk: Buffer): void;
  /** A line of the supervisor's own in the service's log. */
  note(text: string): void;
  /** Writes what waits without a newline. */
  flush(): void;
  close(): void;
}

/**
 * One log file of one service: `<ISO 8601 with ms> <line>`. Written synchronously: what a process said is in the file
 * before anybody can ask for it, and nothing is lost when the supervisor is killed a moment later.
 *
 * Logging never brings a service down: when the disk is full, lines are dropped until there is room again.
 */
export function openLogFile(path: string, rotateBytes: number = ROTATE_BYTES): LogFile {
  let fd = openSync(path, 'a', 0o600);
  let size = fstatSync(fd).size;
  const rests: Record<'stdout' | 'stderr', Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };

  const rotate = () => {
    try {
      renameSync(path, `${path}.1`);
      const next = openSync(path, 'a', 0o600);
      closeSync(fd);
      fd = next;
    } catch {
      // The folder is gone or full; go on with the file at hand.
    }
    size = 0;
  };

  const append = (parts: Buffer[]) => {
    if (parts.length === 0 || fd < 0) return;
    const block = Buffer.concat(parts);
    if (size + block.length > rotateBytes && size > 0) rotate();
    try {
      writeSync(fd, block);
      size += block.length;
    } catch {
      // No space left: see above.
    }
  };

  const lines = (stamp: Buffer, text: Buffer, parts: Buffer[]) => {
    const end = text.at(-1) === RETURN ? text.length - 1 : text.length;
    let from = 0;
    do {
      parts.push(stamp, text.subarray(from, Math.min(end, from + LINE_BYTES)), LINE_END);
      from += LINE_BYTES;
    } while (from < end);
  };

  return {
    write(stream, chunk) {
      const stamp = Buffer.from(`${new Date().toISOString()} `);
      const parts: Buffer[] = [];
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
        const piece = chunk.subarray(from, end);
        lines(stamp, rests[stream].length > 0 ? Buffer.concat([rests[stream], piece]) : piece, parts);
        rests[stream] = Buffer.alloc(0);
        from = end + 1;
      }
      // Copied: a subarray would keep the whole chunk alive.
      if (from < chunk.length) rests[stream] = Buffer.concat([rests[stream], chunk.subarray(from)]);
      if (rests[stream].length > LINE_BYTES) {
        lines(stamp, rests[stream], parts);
        rests[stream] = Buffer.alloc(0);
      }
      append(parts);
    },
    note(text) {
      append([Buffer.from(`${new Date().toISOString()} ${REMARK}${text}\n`)]);
    },
    flush() {
      const stamp = Buffer.from(`${new Date().toISOString()} `);
      for (const stream of ['stdout', 'stderr'] as const) {
        const parts: Buffer[] = [];
        if (rests[stream].length > 0) lines(stamp, rests[stream], parts);
        rests[stream] = Buffer.alloc(0);
        append(parts);
      }
    },
    close() {
      this.flush();
      if (fd >= 0) closeSync(fd);
      fd = -1;
    },
  };
}

const LINE_END = Buffer.from('\n');

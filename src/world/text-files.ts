import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** A text that was read, or why it could not be: the reason completes a sentence that begins with the path. */
export type TextReading =
  | { text: string }
  | { error: 'missing' | 'unreadable' | 'too-large' | 'folder'; reason: string };

/** Dashboards are the largest of what people hand in; what is larger than this is something else. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Reads a file that somebody named. Synchronous, because the parser of nats.conf asks for an included file in the
 * middle of another. A byte order mark stays in the text; bytes that are no UTF-8 become U+FFFD, for the reader to
 * complain about with a place.
 */
export function readTextOf(path: string): TextReading {
  let descriptor: number | undefined;
  try {
    // Looked at before it is opened: opening a named pipe would wait for a writer for ever.
    const info = statSync(path);
    if (info.isDirectory()) return { error: 'folder', reason: 'is a folder' };
    if (!info.isFile()) return { error: 'unreadable', reason: 'is no plain file' };
    // Without waiting: it may be a pipe by now, and some files of /proc are read only as fast as the kernel talks.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { size } = fstatSync(descriptor);
    if (size > MAX_BYTES) return tooLarge(size);
    const bytes = Buffer.alloc(MAX_BYTES + 1 < size + 65_536 ? MAX_BYTES + 1 : size + 65_536);
    let length = 0;
    for (;;) {
      const read = readSync(descriptor, bytes, length, bytes.length - length, null);
      length += read;
      if (read === 0 || length === bytes.length) break;
    }
    if (length > MAX_BYTES) return tooLarge(length);
    // One of /proc that says it is empty does the same.
    if (length === bytes.length) return { error: 'unreadable', reason: 'grew while it was read' };
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, length)) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { error: 'missing', reason: 'is not there' };
    return { error: 'unreadable', reason: `cannot be read (${code ?? String(error)})` };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const tooLarge = (size: number): TextReading => ({
  error: 'too-large',
  reason: `has ${size} bytes or more; at most 8 MiB is read`,
});

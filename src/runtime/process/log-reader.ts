import { open, readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogLine, LogQuery } from '../runtime.ts';
import { type Layout, logFileOf } from './layout.ts';
import { REMARK } from './log-format.ts';

/** How often files are looked at while following. */
const FOLLOW_MS = 100;
const CHUNK_BYTES = 256 << 10;

/** `<ISO 8601 with ms> <text>`, as supervisor/log-file.ts writes it; null for anything else. Pure. */
export function parseLogLine(service: string, line: string): LogLine | null {
  const [, at, text] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ?(.*)$/s.exec(line) ?? [];
  if (at === undefined || text === undefined) return null;
  return text.startsWith(REMARK) ? { service, at, text, remark: true } : { service, at, text };
}

/** Each list is in time order; so is the result. Equal instants keep the order of the lists. Pure. */
export function mergeByTime(lists: readonly (readonly LogLine[])[]): LogLine[] {
  return lists
    .flat()
    .map((line, at) => ({ line, at }))
    .sort((a, b) => (a.line.at < b.line.at ? -1 : a.line.at > b.line.at ? 1 : a.at - b.at))
    .map(({ line }) => line);
}

/** Lines of the log files of an environment, running or not; see Runtime.logs. */
export async function* readLogs(
  layout: Layout,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const services = query.services.length > 0 ? query.services : await servicesWithLogs(layout);
  const cursors = new Map<string, Cursor>();
  const since = query.since?.toISOString();
  const wanted = (line: LogLine) => since === undefined || line.at >= since;
  const past = await Promise.all(
    services.map(async (service) => {
      const cursor = newCursor(service, logFileOf(layout, service));
      cursors.set(service, cursor);
      const before = await linesOfFile(service, `${cursor.path}.1`, signal);
      const lines = [...before, ...(await cursor.next(signal))].filter(wanted);
      return query.tail === undefined ? lines : lines.slice(Math.max(0, lines.length - query.tail));
    }),
  );
  yield* mergeByTime(past);
  while (query.follow && !signal.aborted) {
    await delay(FOLLOW_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    if (query.services.length === 0)
      for (const service of await servicesWithLogs(layout))
        if (!cursors.has(service)) cursors.set(service, newCursor(service, logFileOf(layout, service)));
    const fresh = await Promise.all([...cursors.values()].map((cursor) => cursor.next(signal)));
    yield* mergeByTime(fresh).filter(wanted);
  }
}

async function servicesWithLogs({ logsDir }: Layout): Promise<string[]> {
  const names = await readdir(logsDir).catch(() => []);
  return names.filter((name) => name.endsWith('.log')).map((name) => name.slice(0, -'.log'.length));
}

interface Cursor {
  path: string;
  /** Whole lines that were added since the last call; none when there is no file. */
  next(signal: AbortSignal): Promise<LogLine[]>;
}

/** Reads on from where it was, and notices when the file was rotated away or made anew. */
function newCursor(service: string, path: string): Cursor {
  let inode = 0;
  let offset = 0;
  return {
    path,
    async next(signal) {
      const file = await open(path, 'r').catch(() => null);
      if (file === null) return [];
      try {
        const found = await file.stat();
        const lines: LogLine[] = [];
        if (inode !== 0 && found.ino !== inode)
          lines.push(...(await rest(service, `${path}.1`, inode, offset, signal)));
        if (found.ino !== inode || found.size < offset) offset = 0;
        inode = found.ino;
        const read = await readLines(service, file, offset, signal);
        offset = read.offset;
        return [...lines, ...read.lines];
      } finally {
        await file.close();
      }
    },
  };
}

/** What was written into a file between our last look and its rotation. */
async function rest(service: string, path: string, inode: number, offset: number, signal: AbortSignal) {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return [];
  try {
    return (await file.stat()).ino === inode ? (await readLines(service, file, offset, signal)).lines : [];
  } finally {
    await file.close();
  }
}

async function linesOfFile(service: string, path: string, signal: AbortSignal): Promise<LogLine[]> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return [];
  try {
    return (await readLines(service, file, 0, signal)).lines;
  } finally {
    await file.close();
  }
}

/** Whole lines from `offset` to the end; `offset` in the result is where the next read begins. */
async function readLines(
  service: string,
  file: Awaited<ReturnType<typeof open>>,
  offset: number,
  signal: AbortSignal,
): Promise<{ lines: LogLine[]; offset: number }> {
  const lines: LogLine[] = [];
  let waiting = Buffer.alloc(0);
  for (let at = offset; ; ) {
    signal.throwIfAborted();
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, at);
    if (bytesRead === 0) return { lines, offset: at - waiting.length };
    at += bytesRead;
    const text = Buffer.concat([waiting, buffer.subarray(0, bytesRead)]);
    const end = text.lastIndexOf(10) + 1;
    waiting = Buffer.from(text.subarray(end));
    for (const line of text.subarray(0, end).toString('utf8').split('\n')) {
      const parsed = line === '' ? null : parseLogLine(service, line);
      if (parsed !== null) lines.push(parsed);
    }
  }
}

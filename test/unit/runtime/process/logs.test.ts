import { expect, test } from 'vitest';
import { mergeByTime, parseLogLine } from '../../../../src/runtime/process/log-reader.ts';

const at = (ms: number) => new Date(Date.UTC(2025, 0, 1) + ms).toISOString();

test('a line is an instant and a text', () => {
  expect(parseLogLine('api', `${at(5)} {"level":30}`)).toEqual({
    service: 'api',
    at: at(5),
    text: '{"level":30}',
  });
  expect(parseLogLine('api', `${at(5)} `)?.text).toBe('');
  expect(parseLogLine('api', `${at(5)}   indented`)?.text).toBe('  indented');
  expect(parseLogLine('api', 'no instant')).toBeNull();
});

test('lines of several services are merged by time, equal instants in the order of the services', () => {
  const line = (service: string, ms: number, text: string) => ({ service, at: at(ms), text });
  const merged = mergeByTime([
    [line('a', 1, '1'), line('a', 1, '2'), line('a', 9, '5')],
    [line('b', 0, '0'), line('b', 1, '3'), line('b', 4, '4')],
  ]);
  expect(merged.map(({ text }) => text).join('')).toBe('012345');
});

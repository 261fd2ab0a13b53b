import { expect, test } from 'vitest';
import { takenPort } from '../../../../src/runtime/process/port-taken.ts';

const nats = { nats: 4222, 'nats-monitor': 8222 };

test.each([
  [
    'nats',
    nats,
    '[7] [FTL] Error listening on port: 127.0.0.1:4222, "listen tcp 127.0.0.1:4222: bind: address already in use"',
    'nats',
  ],
  [
    'its monitor',
    nats,
    "[7] [INF] Listening…\n[7] [FTL] Can't listen to the monitor port: listen tcp 127.0.0.1:8222: bind: address already in use",
    'nats-monitor',
  ],
  [
    'Postgres',
    { postgres: 5432 },
    'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use\nHINT:  Is another postmaster already running on port 5432?',
    'postgres',
  ],
  [
    'Node',
    { api: 8080 },
    'Error: listen EADDRINUSE: address already in use 127.0.0.1:8080\n    at Server',
    'api',
  ],
  [
    'Node, as an object',
    { api: 8080, other: 80 },
    "{\n  code: 'EADDRINUSE',\n  errno: -98,\n  syscall: 'listen',\n  port: 8080\n}",
    'api',
  ],
  [
    'a program with one port that does not name it',
    { api: 8080 },
    'OSError: [Errno 98] Address already in use',
    'api',
  ],
])('reads %s', (_, ports, log, expected) => {
  expect(takenPort(log, ports)).toBe(expected);
});

test.each([
  ['another trouble', nats, 'nats-server: /x/nats.conf:3:1: unknown field'],
  ['a port that is not ours, of several', nats, 'listen tcp 127.0.0.1:6222: bind: address already in use'],
  [
    'a longer number that only contains ours',
    nats,
    'listen tcp 127.0.0.1:42220: bind: address already in use',
  ],
  ['nothing', { api: 8080 }, ''],
])('does not take %s for it', (_, ports, log) => {
  expect(takenPort(log, ports)).toBeUndefined();
});

import { describe, expect, it } from 'vitest';
import { a01LogInRefused } from '../../../../src/doctor/rules/access/a01-log-in-refused.ts';
import { failed, got, live, logged, said, someLiveFacts, someServer } from './facts.ts';

describe('A01, a log-in', () => {
  it('of devenv itself is refused: server and secrets differ', () => {
    const users = [
      { user: 'api', login: failed("credentials refused ('Authorization Violation')") },
      { user: 'worker', login: got<true>(true) },
    ];
    expect(said(live(a01LogInRefused, someLiveFacts({ users })))).toEqual([
      'user api error: The servers refuse the credentials that devenv has for user api, whom api logs in as.',
    ]);
  });

  it.each([
    ['2.9', '[1] [ERR] 127.0.0.1:6 - cid:12 - "v3.4.0:nats.js:legacy" - authentication error - User "api"'],
    ['2.10', '[1] [ERR] 127.0.0.1:6 - cid:12 - authentication error - User "api"'],
  ])('of somebody else with an old password is refused, as %s writes it', (_, line) => {
    expect(said(live(a01LogInRefused, someLiveFacts({ log: logged('nats', line, line) })))).toEqual([
      'user api warning: nats refused 2 log-ins as api, last at 2026-01-01T12:00:00.000Z, although the credentials that devenv has are accepted: a client has others.',
    ]);
  });

  it('before the service of that user was started is of a process that is gone', () => {
    const line = '[1] [ERR] 127.0.0.1:6 - cid:12 - authentication error - User "api"';
    const started = (startedAt: string) => ({
      service: 'api',
      state: 'running',
      restarts: 0,
      startedAt,
      health: { ready: true, detail: '' },
      ports: [],
    });
    const told = (startedAt: string) =>
      live(a01LogInRefused, someLiveFacts({ log: logged('nats', line), services: [started(startedAt)] }));
    expect(told('2026-01-01T12:00:00.400123456Z')).toEqual([]);
    expect(told('2026-01-01T11:59:59.900Z')).toHaveLength(1);
  });

  it('of an unknown user, or of none, is refused', () => {
    const log = logged(
      'nats',
      '[1] [ERR] 127.0.0.1:6 - cid:12 - authentication error - User "root"',
      '[1] [ERR] 127.0.0.1:6 - cid:13 - authentication error',
    );
    expect(said(live(a01LogInRefused, someLiveFacts({ log })))).toEqual([
      'user root warning: nats refused 1 log-in as root, last at 2026-01-01T12:00:00.000Z: there is no such user.',
      'server nats warning: nats refused 1 log-in without a user name, last at 2026-01-01T12:00:00.000Z: there is no such user.',
    ]);
  });

  it('that devenv tried on purpose is left out, by the name in the line or in the list of connections', () => {
    const connection = {
      cid: 12,
      name: 'devenv-auth',
      user: 'api',
      account: '',
      open: false,
      pendingBytes: 0,
    };
    const log = logged(
      'nats',
      '[1] [ERR] 127.0.0.1:6 - cid:12 - authentication error - User "api"',
      '[1] [ERR] 127.0.0.1:6 - cid:99 - "v3.4.0:nats.js:devenv-auth" - authentication error - User "api"',
    );
    const servers = [someServer('nats', { connections: got([connection]) })];
    expect(live(a01LogInRefused, someLiveFacts({ log, servers }))).toEqual([]);
  });

  it('works, fails for another reason, or a service writes such a line', () => {
    const users = [{ user: 'api', login: failed('connection refused') }];
    expect(live(a01LogInRefused, someLiveFacts({ users }))).toEqual([]);
    const log = logged('api', '[1] [ERR] 127.0.0.1:6 - cid:12 - authentication error - User "api"');
    expect(live(a01LogInRefused, someLiveFacts({ log }))).toEqual([]);
  });
});

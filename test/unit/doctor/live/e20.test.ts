import { describe, expect, it } from 'vitest';
import type { LiveConf, LiveFacts } from '../../../../src/doctor/facts.ts';
import { e20ConfNotAsDeclared } from '../../../../src/doctor/rules/environment/e20-conf-not-as-declared.ts';
import { failed, got, live, said, someLiveFacts } from './facts.ts';

const says = (confs: LiveFacts['confs']): string[] =>
  said(live(e20ConfNotAsDeclared, { ...someLiveFacts(), ...(confs && { confs }) }));
const conf = (differs: LiveConf['differs']): LiveConf => ({
  server: 'nats-2',
  path: '/p/nats-2.conf',
  differs,
});

describe('E20, a nats.conf that is not as declared', () => {
  it('names the server and the settings', () => {
    expect(says(got([conf(['max_payload', 'accounts.APP.users'])]))).toEqual([
      'server nats-2 warning: /p/nats-2.conf is not as declared: max_payload, accounts.APP.users.',
    ]);
  });

  it('names a file that is gone', () => {
    expect(says(got([conf(null)]))).toEqual([
      'server nats-2 warning: The file /p/nats-2.conf, which nats-2 was started with, is gone.',
    ]);
  });

  it('says nothing of one that is as declared, or that could not be looked at', () => {
    expect(says(got([conf([])]))).toEqual([]);
    expect(says(failed('permission denied'))).toEqual([]);
    expect(says(undefined)).toEqual([]);
  });
});

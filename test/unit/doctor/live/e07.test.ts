import { describe, expect, it } from 'vitest';
import { e07StreamsOfAnotherAccount } from '../../../../src/doctor/rules/environment/e07-streams-of-another-account.ts';
import { someAccount, someTopology } from '../../../helpers/topology.ts';
import {
  beforeStart,
  failed,
  got,
  live,
  said,
  someDeployment,
  someLiveFacts,
  someMachine,
  someServer,
} from './facts.ts';

const rule = e07StreamsOfAnotherAccount;
const withAccounts = someDeployment(
  someTopology({
    accounts: [someAccount('APP'), someAccount('PLAIN', { jetstream: null })],
    streams: [],
    consumers: [],
  }),
);
const storing = (...folders: string[]) => ({ servers: [someServer('nats', { stored: got(folders) })] });

describe('E07, stored streams', () => {
  it('belong to an account that is not served any more', () => {
    const text = "JetStream stream '$G > OLD' could not be recovered";
    const servers = [
      someServer('nats', {
        stored: got(['$G/OLD', '$G/OLDER', 'APP/NEW', 'PLAIN/X']),
        healthz: got({ status: 503, text }),
      }),
    ];
    const findings = live(rule, someLiveFacts({ servers }, withAccounts));
    expect(said(findings)).toEqual([
      'account $G error: The store of nats holds OLD, OLDER of account $G, and only APP has JetStream: nobody can see those streams.',
      'account PLAIN error: The store of nats holds X of account PLAIN, and only APP has JetStream: nobody can see that stream.',
    ]);
    expect(findings[0]?.symptom).toBe(text);
  });

  it('are left of a run before accounts were changed', () => {
    const facts = someMachine([], null, [{ service: 'nats', stored: got(['OLD/ORDERS', '$G/MESSAGES']) }]);
    expect(said(beforeStart(rule, facts))).toEqual([
      'account OLD error: The store of nats holds ORDERS of account OLD, and only $G has JetStream: nobody can see that stream.',
    ]);
  });

  it('are all of accounts that are served, or cannot be looked at', () => {
    expect(live(rule, someLiveFacts(storing('APP/NEW'), withAccounts))).toEqual([]);
    expect(live(rule, someLiveFacts())).toEqual([]);
    const unknown = [someServer('nats', { stored: failed('no shell') })];
    expect(live(rule, someLiveFacts({ servers: unknown }, withAccounts))).toEqual([]);
    expect(
      beforeStart(rule, someMachine([], null, [{ service: 'nats', stored: got(['$G/MESSAGES']) }])),
    ).toEqual([]);
  });
});

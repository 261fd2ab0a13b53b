import { describe, expect, it } from 'vitest';
import { s03UpdateDropsSubjects } from '../../../../src/doctor/rules/streams/s03-update-drops-subjects.ts';
import { liveStream, said } from './topology-facts.ts';

const withSubjects = (...subjects: string[]) => ({
  streams: { ok: true as const, value: [liveStream({ subjects })] },
});

describe('S03, live', () => {
  it('names the subjects that the declaration takes away from the live stream', () => {
    expect(said(s03UpdateDropsSubjects, withSubjects('orders.>', 'returns.>'))).toEqual([
      'error stream ORDERS: stream ORDERS has subjects orders.>, returns.> and is declared with orders.>: messages on returns.> would no longer be stored.',
    ]);
  });

  it('names the account where there are several', () => {
    const [text] = said(s03UpdateDropsSubjects, {
      ...withSubjects('orders.>', 'x'),
      otherAccounts: ['AUDIT'],
    });
    expect(text).toContain('stream ORDERS of account $G:');
  });

  it.each([
    ['the same subjects', withSubjects('orders.>')],
    ['fewer live than declared', withSubjects('orders.created')],
  ])('says nothing of %s', (_what, given) => {
    expect(said(s03UpdateDropsSubjects, given)).toEqual([]);
  });
});

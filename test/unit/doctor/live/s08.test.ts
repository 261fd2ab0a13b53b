import { describe, expect, it } from 'vitest';
import { s08OrphanedFilter } from '../../../../src/doctor/rules/streams/s08-orphaned-filter.ts';
import { got, live, liveConsumer, liveStream, said, someLiveFacts } from './facts.ts';

const with_ = (subjects: string[], filterSubjects: string[]) =>
  someLiveFacts({
    accounts: [
      {
        account: '$G',
        streams: got([liveStream('ORDERS', { subjects })]),
        consumers: got([liveConsumer('ORDERS', 'billing', { filterSubjects })]),
      },
    ],
  });

describe('S08, a filter', () => {
  it('matches nothing that the stream takes', () => {
    expect(said(live(s08OrphanedFilter, with_(['orders.new'], ['orders.paid'])))).toEqual([
      'consumer ORDERS/billing error: ORDERS/billing filters for orders.paid, and ORDERS takes orders.new only: it gets nothing new.',
    ]);
  });

  it('matches in part: a warning', () => {
    expect(live(s08OrphanedFilter, with_(['orders.new'], ['orders.paid', 'orders.*']))).toMatchObject([
      { severity: 'warning' },
    ]);
  });

  it('matches, is absent, or the stream is a mirror', () => {
    expect(live(s08OrphanedFilter, with_(['orders.>'], ['orders.paid']))).toEqual([]);
    expect(live(s08OrphanedFilter, with_(['orders.new'], []))).toEqual([]);
    expect(live(s08OrphanedFilter, with_([], ['orders.paid']))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { LiveService } from '../../../../src/doctor/facts.ts';
import { e19DoesNotAnswer } from '../../../../src/doctor/rules/environment/e19-does-not-answer.ts';
import { live, said, someLiveFacts, someLiveService } from './facts.ts';

const says = (parts: Partial<LiveService>): string[] =>
  said(live(e19DoesNotAnswer, someLiveFacts({ services: [someLiveService('api', 8080, null, parts)] })));

describe('E19, what does not answer', () => {
  it.each<[string, Partial<LiveService>, string]>([
    [
      'hangs',
      { health: { ready: false, detail: 'no answer within 4000 ms' } },
      'api runs and does not answer as it should (no answer within 4000 ms).',
    ],
    [
      'waits',
      { health: { ready: false, detail: 'GET /readyz → 503' }, restarts: 2 },
      'api runs after 2 restarts and does not answer as it should (GET /readyz → 503).',
    ],
    ['has died', { state: 'exited', health: { ready: false, detail: 'it does not run' } }, 'api is exited.'],
    [
      'keeps dying',
      { state: 'backoff', health: { ready: false, detail: 'it does not run' }, restarts: 1 },
      'api is backoff after 1 restart.',
    ],
    [
      'is away',
      { state: 'absent', health: { ready: false, detail: 'it does not run' } },
      'api is not there.',
    ],
  ])('is said of one that %s', (_, parts, cause) => {
    expect(says(parts)).toEqual([`service api error: ${cause}`]);
  });

  it('is not said of one that answers, or that has nothing to ask', () => {
    expect(says({})).toEqual([]);
    expect(says({ health: { ready: true, detail: 'it declares nothing to ask' }, restarts: 3 })).toEqual([]);
  });
});

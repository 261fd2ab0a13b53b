import { describe, expect, it } from 'vitest';
import { waitUntilReady } from '../../../src/engine/readiness.ts';

/** A clock that only sleeping moves. */
function madeUpTime() {
  let time = 0;
  return {
    now: () => time,
    sleep: async (ms: number) => {
      time += ms;
    },
  };
}

const never = new Promise<never>(() => undefined);
const signal = new AbortController().signal;

describe('waitUntilReady', () => {
  it('asks until the answer is yes', async () => {
    let asked = 0;
    const ask = async () => ({ ready: ++asked === 4, detail: `answer ${asked}` });
    const check = await waitUntilReady(madeUpTime(), {
      service: 'api',
      ask,
      deadline: 1000,
      signal,
      died: never,
    });
    expect(check.detail).toBe('answer 4');
  });

  it('gives up at the deadline and says what was waited for, how long, and what was seen last', async () => {
    const ask = async () => ({ ready: false, detail: 'GET /readyz → 503 postgres' });
    await expect(
      waitUntilReady(madeUpTime(), { service: 'api', ask, deadline: 2000, signal, died: never }),
    ).rejects.toMatchObject({
      code: 'NOT_READY',
      message: 'api was not ready after 2.0 s; last seen: GET /readyz → 503 postgres',
      hint: 'Give it more time with --timeout, or leave it running with `devenv up --keep` and read `devenv logs api`.',
    });
  });

  it('makes no last attempt that is too short to be answered', async () => {
    const time = madeUpTime();
    const bounds: number[] = [];
    const ask = async ({ timeoutMs }: { timeoutMs: number }) => {
      bounds.push(timeoutMs);
      return { ready: false, detail: timeoutMs < 50 ? 'no answer' : 'GET /ready → 503' };
    };
    await expect(
      waitUntilReady(time, { service: 'api', ask, deadline: 1000, signal, died: never }),
    ).rejects.toMatchObject({ message: expect.stringContaining('GET /ready → 503') });
    expect(Math.min(...bounds)).toBeGreaterThanOrEqual(50);
  });

  it('bounds each attempt by what remains, so that a hung server cannot outlast the deadline', async () => {
    const time = madeUpTime();
    const bounds: number[] = [];
    const ask = async ({ timeoutMs }: { timeoutMs: number }) => {
      bounds.push(timeoutMs);
      await time.sleep(timeoutMs);
      return { ready: false, detail: 'no answer' };
    };
    await expect(
      waitUntilReady(time, { service: 'nats', ask, deadline: 3000, signal, died: never }),
    ).rejects.toMatchObject({ code: 'NOT_READY' });
    expect(bounds).toEqual([2000, 990]);
  });

  it('ends at once when the service exits', async () => {
    const death = Promise.reject(new Error('exited'));
    const ask = async () => ({ ready: false, detail: '' });
    await expect(
      waitUntilReady(
        { now: () => 0, sleep: () => new Promise((resolve) => setImmediate(resolve)) },
        { service: 'api', ask, deadline: 1000, signal, died: death },
      ),
    ).rejects.toThrow('exited');
  });
});

import { describe, expect, it } from 'vitest';
import { lettingIn } from '../../../src/engine/outsider.ts';
import type { Check } from '../../../src/engine/world.ts';

const READY: Check = { ready: true, detail: 'yes' };
const AWAY: Check = { ready: false, detail: 'connection refused' };
const OUTSIDE: Check = { ready: false, detail: 'not a member', outside: true };
const options = { signal: new AbortController().signal, timeoutMs: 1 };

/** When it was started again, for an answer a second. */
async function restarts(answers: readonly Check[]): Promise<number[]> {
  let second = 0;
  const restarted: number[] = [];
  const ask = lettingIn(
    async () => answers[second]!,
    async () => void restarted.push(second),
    () => second * 1_000,
  );
  for (; second < answers.length; second += 1) expect(await ask(options)).toBe(answers[second]);
  return restarted;
}

describe('a server that its cluster leaves outside', () => {
  it.each<[string, Check[], number[]]>([
    ['nobody outside', [AWAY, AWAY, AWAY, AWAY, AWAY, READY], []],
    ['outside for a moment', [AWAY, OUTSIDE, OUTSIDE, OUTSIDE, READY], []],
    ['outside for three seconds', [AWAY, OUTSIDE, OUTSIDE, OUTSIDE, OUTSIDE, AWAY, READY], [4]],
    ['outside again and again', [OUTSIDE, OUTSIDE, AWAY, OUTSIDE, OUTSIDE, READY], []],
    ['outside for good: once', Array(12).fill(OUTSIDE), [3]],
  ])('is started again after a while, once: %s', async (_name, answers, expected) => {
    expect(await restarts(answers)).toEqual(expected);
  });
});

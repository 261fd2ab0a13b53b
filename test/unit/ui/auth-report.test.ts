import { describe, expect, it } from 'vitest';
import type { AuthReport, AuthTrial } from '../../../src/engine/engine.ts';
import { authTestLines } from '../../../src/ui/auth-report.ts';
import { createStyle } from '../../../src/ui/style.ts';

const trial = (parts: Partial<AuthTrial>): AuthTrial => ({
  deed: 'publish',
  subject: 'a.b',
  expected: 'allowed',
  seen: 'allowed',
  why: 'publishes a.b',
  detail: 'let through',
  ...parts,
});
const login = (expected: 'allowed' | 'denied', seen: AuthTrial['seen']): AuthTrial =>
  trial({ deed: 'log in', subject: '127.0.0.1:4222', expected, seen, detail: 'said' });

const report = (users: AuthReport['users']): AuthReport => {
  const trials = users.flatMap((user) => user.trials);
  const differences = trials.filter(({ expected, seen }) => expected !== seen).length;
  return { users, trials: trials.length, differences, ms: 1 };
};
const lines = (users: AuthReport['users'], width: number): string[] =>
  authTestLines(report(users), { style: createStyle(false), width, invocation: (verb) => `devenv ${verb}` });

describe('the table of auth test', () => {
  it('is as wide as the terminal with twenty users, and cuts accounts rather than users', () => {
    const users = Array.from({ length: 20 }, (_, index) => ({
      user: `order-service-${index}`,
      account: 'the-account-of-the-whole-company',
      trials: [login('allowed', 'allowed'), login('denied', 'denied'), trial({}), trial({ seen: 'skipped' })],
    }));
    const printed = lines(users, 80);
    expect(Math.max(...printed.map((line) => line.length))).toBeLessThanOrEqual(80);
    for (const { user } of users) expect(printed.some((line) => line.startsWith(`${user} `))).toBe(true);
    expect(lines(users, Number.POSITIVE_INFINITY)[1]).toContain('the-account-of-the-whole-company');
  });

  it('tells who was let in or refused from who got no answer', () => {
    const [, wrong, silent] = lines(
      [
        { user: 'a', account: 'APP', trials: [login('allowed', 'denied'), login('denied', 'allowed')] },
        { user: 'b', account: 'APP', trials: [login('allowed', 'unknown'), login('denied', 'unknown')] },
      ],
      80,
    );
    expect(wrong).toMatch(/^a +APP +not accepted +not refused/);
    expect(silent).toMatch(/^b +APP +no answer +no answer/);
  });
});

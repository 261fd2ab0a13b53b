import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { repository } from '../helpers/sandbox.ts';

const run = promisify(execFile);

interface Cruise {
  summary: {
    error: number;
    totalCruised: number;
    violations: { from: string; to: string; rule: { name: string } }[];
  };
}

const cruise = async (...paths: string[]): Promise<Cruise['summary']> => {
  const args = ['depcruise', '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...paths];
  const { stdout } = await run('npx', args, { cwd: repository, maxBuffer: 64 * 1024 ** 2 }).catch(
    (error) => error,
  );
  return (JSON.parse(stdout) as Cruise).summary;
};

describe('the walls of ARCHITECTURE.md', { timeout: 180_000 }, () => {
  it('no import crosses one', async () => {
    const { totalCruised, violations } = await cruise('src');
    expect(totalCruised).toBeGreaterThan(100);
    expect(violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
  });
});

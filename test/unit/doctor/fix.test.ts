import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Edit, Finding } from '../../../src/doctor/finding.ts';
import { planFix } from '../../../src/doctor/fix.ts';
import { unifiedDiff } from '../../../src/doctor/unified-diff.ts';

const finding = (rule: string, ...edits: Edit[]): Finding => ({
  rule,
  title: rule,
  severity: 'error',
  place: { kind: 'file', file: 'a.conf', line: 1, column: 1 },
  cause: 'It is so.',
  symptom: 'seen',
  fix: 'Mend it.',
  ...(edits.length === 0 ? {} : { edits }),
});
const edit = (start: number, end: number, text: string, file = 'a.conf'): Edit => ({
  file,
  start,
  end,
  text,
});
const texts = new Map([['a.conf', 'max_memory: 1G # a comment\nport: 4222\n']]);

describe('planFix', () => {
  it('makes edits of several findings and keeps everything else', () => {
    const { changes, fixed } = planFix(
      [finding('C01', edit(0, 10, 'max_memory_store')), finding('C02', edit(12, 14, '1GiB')), finding('X')],
      texts,
    );
    expect(changes).toEqual([
      {
        file: 'a.conf',
        before: texts.get('a.conf'),
        after: 'max_memory_store: 1GiB # a comment\nport: 4222\n',
      },
    ]);
    expect(fixed.map(({ rule }) => rule)).toEqual(['C01', 'C02']);
  });

  it('makes all edits of a finding or none', () => {
    const { changes, fixed, postponed } = planFix(
      [finding('C01', edit(0, 3, 'x')), finding('C02', edit(20, 22, 'y'), edit(1, 2, 'z'))],
      texts,
    );
    expect(fixed.map(({ rule }) => rule)).toEqual(['C01']);
    expect(postponed[0]).toMatchObject({
      finding: { rule: 'C02' },
      reason: expect.stringContaining('once more'),
    });
    expect(changes[0]?.after).toBe('x_memory: 1G # a comment\nport: 4222\n');
  });

  it('makes the same edit that two findings want once', () => {
    const { changes, fixed } = planFix(
      [finding('A', edit(0, 10, 'x')), finding('B', edit(0, 10, 'x'))],
      texts,
    );
    expect(fixed).toHaveLength(2);
    expect(changes[0]?.after).toBe('x: 1G # a comment\nport: 4222\n');
  });

  it.each([
    ['another file', edit(0, 1, 'x', '(standard input)')],
    ['behind the end', edit(30, 900, 'x')],
    ['before the start', edit(-1, 2, 'x')],
    ['backwards', edit(5, 2, 'x')],
  ])('leaves edits of %s alone', (_, wrong) => {
    const { changes, postponed } = planFix([finding('C01', wrong)], texts);
    expect(changes).toEqual([]);
    expect(postponed).toHaveLength(1);
  });

  it('knows that an edit which changes nothing is no change', () => {
    expect(planFix([finding('C01', edit(0, 3, 'max'))], texts).changes).toEqual([]);
  });
});

describe('unifiedDiff', () => {
  it('shows three lines around a change, and two changes nearby together', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\n';
    const after = 'a\nb\nc\nD\ne\nf\ng\nh\nnew\n';
    expect(unifiedDiff({ file: 'x', before, after })).toEqual([
      '--- x',
      '+++ x',
      '@@ -1,8 +1,9 @@',
      ...[' a', ' b', ' c', '-d', '+D', ' e', ' f', ' g', ' h', '+new'],
    ]);
  });

  it('is what patch makes the new file of, whatever the change', () => {
    const dir = mkdtempSync(join(tmpdir(), 'devenv-diff-'));
    const line = fc.constantFrom('', 'a', 'b', 'c', '  indented', '- dash', '+ plus', '@@ at', 'ü');
    const text = fc
      .tuple(fc.array(line, { maxLength: 12 }), fc.boolean())
      .map(([lines, ends]) => lines.join('\n') + (ends && lines.length > 0 ? '\n' : ''));
    try {
      fc.assert(
        fc.property(text, text, (before, after) => {
          fc.pre(before !== after);
          const file = join(dir, 'file');
          writeFileSync(file, before);
          const patch = `${unifiedDiff({ file: 'file', before, after }).join('\n')}\n`;
          execFileSync('patch', ['--quiet', '--no-backup-if-mismatch', '-p0'], { cwd: dir, input: patch });
          // patch removes a file that becomes empty.
          expect(after === '' ? '' : readFileSync(file, 'utf8')).toBe(after);
        }),
        { numRuns: 150 },
      );
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('ends at once for large files', () => {
    const before = Array.from({ length: 50_000 }, (_, index) => `line ${index}`).join('\n');
    const started = performance.now();
    unifiedDiff({ file: 'x', before, after: before.replace('line 25000', 'other') });
    unifiedDiff({ file: 'x', before, after: before.toUpperCase() });
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

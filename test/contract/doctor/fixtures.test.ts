import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../../src/doctor/registry.ts';
import { placeText } from '../../../src/doctor/run.ts';
import { casesOf, FIXTURES, findingsOfCase, readCase, summaryOf } from '../../helpers/doctor-fixtures.ts';
import { repository } from '../../helpers/sandbox.ts';

const LIVE_TESTS = join(repository, 'test', 'unit', 'doctor', 'live');
const liveTests = existsSync(LIVE_TESTS) ? await readdir(LIVE_TESTS) : [];
const cases = new Map(await Promise.all(RULES.map(async ({ id }) => [id, await casesOf(id)] as const)));

describe.each(RULES.map((rule) => ({ id: rule.id, rule })))('rule $id', ({ id, rule }) => {
  const folders = cases.get(id)!;
  const named = (start: string) => folders.filter((folder) => basename(folder).startsWith(start));

  if (rule.static !== undefined) {
    it('has a case that triggers it and a near miss that does not', () => {
      expect(named('bad'), `${id} needs test/fixtures/doctor/${id}/bad…/`).not.toEqual([]);
      expect(named('near'), `${id} needs test/fixtures/doctor/${id}/near…/`).not.toEqual([]);
    });
  }
  if (rule.live !== undefined || rule.machine !== undefined) {
    it('has a test for its live part', () => {
      const own = liveTests.filter((name) => name.toUpperCase().startsWith(id));
      expect(own, `${id} needs test/unit/doctor/live/${id.toLowerCase()}.test.ts`).not.toEqual([]);
    });
  }
  it('checks something', () => {
    expect(rule.static ?? rule.live ?? rule.machine).toBeTypeOf('function');
  });

  it.each(folders.map((folder) => ({ name: basename(folder), folder })))(
    '$name',
    async ({ name, folder }) => {
      const { expect: expected } = await readCase(folder);
      const findings = await findingsOfCase(rule, folder);
      const said = findings.map(summaryOf).join('\n') || 'nothing';
      if (name.startsWith('near')) expect(expected, 'a near miss expects nothing').toEqual([]);
      else expect(expected, 'a bad case expects something').not.toEqual([]);
      expect(findings.map(({ place }) => placeText(place)).sort(), `the rule said:\n${said}`).toEqual(
        expected.map(({ place }) => place).sort(),
      );
      const left = [...findings];
      for (const { place, severity, cause = '' } of expected) {
        const at = left.findIndex(
          (finding) =>
            placeText(finding.place) === place &&
            finding.cause.includes(cause) &&
            (severity === undefined || finding.severity === severity),
        );
        expect(
          at,
          `nothing at ${place} with ${JSON.stringify({ severity, cause })}; the rule said:\n${said}`,
        ).not.toBe(-1);
        left.splice(at, 1);
      }
      for (const { cause, fix, symptom } of findings) {
        expect(cause, 'a cause is one sentence').toMatch(/^[^\n]+[.!?)]$/);
        expect(fix, 'a fix is a sentence or more').toMatch(/[.!?)`]$/);
        expect(symptom, 'the text that a user would have seen').not.toBe('');
      }
    },
  );
});

describe('the catalogue', () => {
  it('has every rule once, under the letter of its area and in order', () => {
    const ids = RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[CERSKA]\d\d$/);
    const order = 'CERSKA';
    const sorted = [...ids].sort((a, b) => order.indexOf(a[0]!) - order.indexOf(b[0]!) || (a < b ? -1 : 1));
    expect(ids).toEqual(sorted);
  });

  it('has no fixtures of rules that there are not', async () => {
    const folders = existsSync(FIXTURES) ? await readdir(FIXTURES, { withFileTypes: true }) : [];
    const ids = folders.filter((entry) => entry.isDirectory() && /^[A-Z]\d\d$/.test(entry.name));
    expect(ids.map(({ name }) => name).filter((id) => !cases.has(id))).toEqual([]);
  });

  it.each(RULES.map((rule) => ({ id: rule.id, rule })))('$id says all there is to say', ({ rule }) => {
    expect(rule.title).toMatch(/^\S.{3,80}[^.]$/);
    for (const text of [rule.meaning, rule.cause, rule.fix]) expect(text).toMatch(/^\S.*[.!?)`]$/s);
    expect(rule.symptoms.length).toBeGreaterThan(0);
  });
});

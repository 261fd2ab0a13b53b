import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProject } from '../../../src/composition.ts';
import type { Finding } from '../../../src/doctor/finding.ts';
import { placeText } from '../../../src/doctor/run.ts';
import { doctorDesk } from '../../../src/world/doctor-desk.ts';
import { repository } from '../../helpers/sandbox.ts';

const NOTES = join(repository, 'test', 'fixtures', 'field-notes');

/** expected.json of a note: for each configuration everything that is an error or a warning, and whose fault it really was. */
interface Expected {
  config: string;
  findings: {
    rule: string;
    place: string;
    /** Only when it is a note: of these, others may be said as well. */
    severity?: 'note';
    /** A part of what the doctor says. */
    cause?: string;
    /** The team's symptom, or what the note took for the cause. */
    note?: string;
  }[];
}

const names = (await readdir(NOTES)).sort();
const projects = (
  await Promise.all(
    names.map(async (name) => {
      const expected = JSON.parse(await readFile(join(NOTES, name, 'expected.json'), 'utf8')) as Expected[];
      return expected.map((each) => ({ name, ...each }));
    }),
  )
).flat();

let copies: string;
beforeAll(async () => {
  copies = await mkdtemp(join(tmpdir(), 'devenv-notes-'));
  await cp(NOTES, copies, { recursive: true });
});
afterAll(() => rm(copies, { recursive: true, force: true }));

const short = ({ rule, place, severity, cause }: Finding): string =>
  `${placeText(place)} ${severity} ${rule}: ${cause}`;

describe.each(projects)('field note $name, $config', ({ name, config, findings: expected }) => {
  const cwd = () => join(copies, name);

  it('has each of its causes named, at its place, and nothing else', async () => {
    const desk = doctorDesk({ cwd: cwd(), env: {}, configFile: config, look: async () => null });
    const request = { confs: [], composes: [], manifests: [], rules: [], static: true, live: 'no' as const };
    const { report } = await desk.examine(request, { signal: new AbortController().signal });
    const found = report.findings.filter(({ severity }) => severity !== 'note');
    const told = found.map(short).join('\n');
    expect(found.map(({ rule, place }) => `${rule} ${placeText(place)}`).sort(), told).toEqual(
      expected
        .filter(({ severity }) => severity !== 'note')
        .map(({ rule, place }) => `${rule} ${place}`)
        .sort(),
    );
    for (const { rule, place, cause = '' } of expected) {
      const own = report.findings.filter(
        (finding) => finding.rule === rule && placeText(finding.place) === place,
      );
      expect(
        own.some((finding) => finding.cause.includes(cause)),
        `${rule} ${place} ${cause}\n${told}`,
      ).toBe(true);
    }
  });

  it('is not started', async () => {
    const { engine } = await openProject({ cwd: cwd(), configFile: join(cwd(), config), env: {} });
    const options = {
      runtime: 'process',
      dryRun: false,
      probe: false,
      strictPorts: false,
      keep: false,
      timeoutMs: 5_000,
    } as const;
    const call = { emit: () => undefined, signal: new AbortController().signal };
    await expect(engine.up(options, call)).rejects.toMatchObject({ code: 'FINDINGS', exit: 7 });
    expect(existsSync(join(cwd(), '.devenv'))).toBe(false);
  });
});

it('every field note is there', () => {
  expect(names.map((name) => name.slice(0, 3))).toEqual(['000', '001', '002', '003', '004']);
});

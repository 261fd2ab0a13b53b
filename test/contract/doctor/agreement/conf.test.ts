import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ruleOf } from '../../../../src/doctor/registry.ts';
import { runStatic } from '../../../../src/doctor/run.ts';
import { casesOf, factsOfCase, readCase } from '../../../helpers/doctor-fixtures.ts';
import { type NatsServerBinary, natsServers } from '../../../helpers/nats-servers.ts';

const servers = await natsServers();

/** The rules about what `nats-server -t` refuses. */
const BY_T = [
  'C01',
  'C03',
  'C05',
  'C07',
  'C08',
  'C09',
  'C10',
  'C11',
  'C12',
  'C14',
  'C19',
  'C20',
  'C22',
  'C27',
];
/** Names with spaces: refused by `-t` from 2.11 on, and a warning before. */
const SPACES = ruleOf('C23')!;
const cases = (
  await Promise.all(
    BY_T.map(async (id) => (await casesOf(id)).map((folder) => ({ id, name: basename(folder), folder }))),
  )
)
  .flat()
  .filter(({ folder }) => existsSync(join(folder, 'nats.conf')))
  // An include that leads back to itself: the server would read until memory is used up.
  .filter(({ name }) => name !== 'bad-cycle');

describe.each(servers)('nats-server -t $version', (server) => {
  it.each(cases)('$id $name: agrees with the rules', async ({ id, name, folder }) => {
    const given = await readCase(folder);
    const { facts } = await factsOfCase(folder, { ...given, natsVersion: server.version });
    const findings = [
      ...runStatic(facts, { rules: BY_T.map((rule) => ruleOf(rule)!) }),
      ...runStatic(facts, { rules: [SPACES] }).filter(({ severity }) => severity === 'error'),
    ];
    // What is read without complaint, and as something else, is nothing that -t would find.
    const refused = findings.filter(({ symptom }) => symptom !== 'Authorization Violation');
    const { ok, output } = await check(server, folder, given.env ?? {});
    expect({ ok }, output).toEqual({ ok: refused.length === 0 });
    if (ok) return;
    expect(refused.map(({ symptom }) => message(symptom))).toContainEqual(
      expect.toSatisfy((symptom: string) => output.includes(symptom)),
    );
    if (name.startsWith('bad')) expect(refused.map(({ rule }) => rule)).toContain(id);
  });
});

/** Without the place, which the server counts in bytes, and on the first line from 0. */
const message = (symptom: string): string =>
  symptom
    .replace(/^\S+:\d+:\d+: /, '')
    // It goes through accounts and authorization in no certain order, and names the one or the other.
    .replace(/(single user\/pass and) .*/, '$1');

function check(
  server: NatsServerBinary,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    execFile(
      server.path,
      ['-t', '-c', 'nats.conf'],
      { cwd: folder, env, timeout: 120_000 },
      (error, stdout, stderr) => resolve({ ok: error === null, output: `${stderr}${stdout}` }),
    );
  });
}

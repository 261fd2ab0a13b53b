import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ruleOf } from '../../../../src/doctor/registry.ts';
import { runStatic } from '../../../../src/doctor/run.ts';
import { casesOf, factsOfCase, readCase } from '../../../helpers/doctor-fixtures.ts';
import { freePorts } from '../../../helpers/free-ports.ts';
import { type NatsServerBinary, natsServers } from '../../../helpers/nats-servers.ts';
import { runProgram } from '../../../helpers/typescript-program.ts';

const servers = await natsServers();
const named = async (id: string) => (await casesOf(id)).map((folder) => ({ name: basename(folder), folder }));
const cases = await named('C28');
// What is mounted into a container is not here.
const withCertificates = (await named('C29')).filter(
  ({ folder }) => !existsSync(join(folder, 'compose.yaml')),
);

/** C28: what the start alone refuses. The ports themselves matter, so they are only moved to where nobody listens. */
describe.each(servers)('nats-server $version', (binary) => {
  it.each(cases)('C28 $name: the server and the rule agree', async ({ folder }) => {
    const { facts } = await factsOfCase(folder, { ...(await readCase(folder)), natsVersion: binary.version });
    const findings = runStatic(facts, { rules: [ruleOf('C28')!] });
    const { log: checked } = await said(binary, folder, { args: ['-t'], until: 'exit' });
    // A field that this version does not know: refused all the same, by another rule.
    if (!checked.includes('configuration file') || checked.includes('unknown field')) return;
    // What listens for other servers may fail a moment after the server called itself ready.
    const { log, started } = await said(binary, folder, { until: findings.length > 0 ? 'exit' : 'ready' });
    expect({ started }, log).toEqual({ started: findings.length === 0 });
    // It stops at the first thing.
    const texts = findings.map(({ symptom }) => symptom.replaceAll(/\d{4,5}/g, 'PORT'));
    if (!started)
      expect(texts).toContainEqual(
        expect.toSatisfy((text: string) => log.replaceAll(/\d{4,5}/g, 'PORT').includes(text)),
      );
  });

  it.each(withCertificates)('C29 $name: -t and the rule agree', async ({ folder }) => {
    const { facts } = await factsOfCase(folder, { ...(await readCase(folder)), natsVersion: binary.version });
    const findings = runStatic(facts, { rules: [ruleOf('C29')!] });
    const { log } = await said(binary, folder, { args: ['-t'], until: 'exit' });
    const isRefused = !log.includes('is valid');
    // What has expired is the clients' affair.
    expect(isRefused, log).toBe(findings.some(({ symptom }) => !symptom.includes('expired')));
    if (isRefused)
      expect(findings.map(({ symptom }) => symptom)).toContainEqual(
        expect.toSatisfy((text: string) => log.includes(text)),
      );
  });
});

/** What a server says to a copy of the fixture until it ends, or is ready where that is all that is asked. */
async function said(
  binary: NatsServerBinary,
  folder: string,
  { args = [], until }: { args?: readonly string[]; until: 'exit' | 'ready' },
): Promise<{ log: string; started: boolean }> {
  const directory = await mkdtemp(join(tmpdir(), 'devenv-start-'));
  try {
    await cp(folder, directory, { recursive: true });
    const file = join(directory, 'nats.conf');
    const text = await readFile(file, 'utf8');
    const ports = [...new Set(text.match(/(?<=[:\s]"?|:)\b(1883|[4678]\d{3})\b/g) ?? [])];
    const free = await freePorts(ports.length);
    // In one go: the new number of one may hold the old number of another.
    const moved = text.replaceAll(/\b\d{4}\b/g, (port) => String(free[ports.indexOf(port)] ?? port));
    await writeFile(file, moved.replaceAll('"/data', `"${directory}/data`));
    const program = runProgram(binary.path, ['-c', file, ...args], { cwd: directory });
    const timer = setTimeout(() => program.child.kill('SIGKILL'), 60_000);
    program.child.stderr?.on('data', (chunk: string) => {
      if (until === 'ready' && chunk.includes('Server is ready')) program.child.kill('SIGKILL');
    });
    const { stdout, stderr, signal } = await program.exit;
    clearTimeout(timer);
    const log = stderr + stdout;
    return { log, started: signal !== null && log.includes('Server is ready') };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { composeServices } from '../../../../src/doctor/compose/services.ts';
import { ruleOf } from '../../../../src/doctor/registry.ts';
import { runStatic } from '../../../../src/doctor/run.ts';
import { casesOf, factsOfCase, readCase } from '../../../helpers/doctor-fixtures.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { natsServers, type RunningNats } from '../../../helpers/nats-servers.ts';
import { ConfCopy, endedBy } from './started-server.ts';

const servers = await natsServers();

/** Rules about what `nats-server -t` passes and a start does not. */
const AT_START = ['C04', 'C13', 'C15', 'C21', 'C23', 'C25', 'C26'];
const cases = await Promise.all(
  AT_START.map(async (id) =>
    (await casesOf(id))
      // Those that are told of devenv.yaml or of flags have no file to start from.
      .filter((folder) => existsSync(join(folder, 'nats.conf')))
      // Refused all the same, by another rule: C01, C14.
      .filter((folder) => !/near-(unknown-everywhere|too-short-anyway)$/.test(folder))
      .map((folder) => ({ id, name: basename(folder), folder })),
  ),
);

describe.each(servers)('nats-server $version', (binary) => {
  it.each(cases.flat())('$id $name: the server and the rule agree', async ({ id, folder }) => {
    const given = await readCase(folder);
    const { facts } = await factsOfCase(folder, { ...given, natsVersion: binary.version });
    const findings = runStatic({ ...facts, composes: [] }, { rules: [ruleOf(id)!] });
    const refused = findings.filter(({ severity }) => severity === 'error');
    await using copy = await ConfCopy.of(folder);
    const verdict = await copy.verdict(binary, { env: given.env ?? {} });
    expect({ started: verdict.started }, verdict.log).toEqual({ started: refused.length === 0 });
    // A server stops at the first thing, in no certain order; what it says is one of the findings.
    if (refused.length > 0)
      expect(refused.map(({ symptom }) => symptom.replace('[FTL] ', ''))).toContainEqual(
        expect.toSatisfy((symptom: string) => goText(verdict.log).includes(symptom)),
      );
    // A name with a space is nothing that older servers would mention.
    for (const { severity, symptom } of findings.filter(({ rule }) => rule === 'C13'))
      if (severity === 'warning') expect(verdict.log).toContain(symptom);
  });

  it('C06: takes a variable in quotes for the text itself', async () => {
    const [folder] = (await casesOf('C06')).filter((name) => name.endsWith('bad-braces'));
    await using copy = await ConfCopy.of(folder!);
    const running = await copy.start(binary, { env: { API_USER: 'api', API_PASS: 'secret' } });
    try {
      const logIn = async (user: string, pass: string): Promise<string> => {
        const nc = await connect({
          servers: `127.0.0.1:${running.port}`,
          user,
          pass,
          reconnect: false,
        }).catch(String);
        if (typeof nc === 'string') return nc;
        await nc.close();
        return 'in';
      };
      const braced = (name: string): string => `\${${name}}`;
      expect(await logIn(braced('API_USER'), braced('API_PASS'))).toBe('in');
      expect(await logIn('worker', `prefix-${braced('WORKER_PASS')}`)).toBe('in');
      expect(await logIn('api', 'secret')).toMatch(/Authorization Violation/i);
    } finally {
      await running.stop();
    }
  });

  it.each(['C16', 'C17'])('%s: two servers of the fixture turn each other away', async (id) => {
    const folder = (await casesOf(id)).find((name) => /bad-(copied|two-names)$/.test(name))!;
    const { facts } = await factsOfCase(folder);
    const [finding] = runStatic(facts, { rules: [ruleOf(id)!] });
    await using copy = await ConfCopy.of(folder);
    const running: RunningNats[] = [];
    try {
      for (const file of await copy.asCluster('a.conf', 'b.conf'))
        running.push(await copy.start(binary, { file }));
      // Which of the two says it, and of whom, is a matter of who connects first.
      const said = finding!.symptom.replaceAll(/"[^"]*"/g, '"name"');
      await eventually(async () => {
        const logs = await copy.logs();
        expect(logs.replaceAll(/"[^"]*"/g, '"name"')).toContain(said);
      });
    } finally {
      for (const server of running) await server.stop();
    }
  });

  it.each(['bad-dry-run', 'bad-typo', 'bad-name-twice', 'bad-word'])(
    'C24 %s: is what the server says',
    async (name) => {
      const folder = (await casesOf('C24')).find((path) => path.endsWith(name))!;
      const { facts } = await factsOfCase(folder);
      const [finding] = runStatic(facts, { rules: [ruleOf('C24')!] });
      const { command = [], image = '' } = composeServices(facts)[0]!;
      // The entry point of an -alpine image is a script that calls nats-server, that of others nats-server itself.
      const words = command.map(({ text }) => text);
      const args = image.includes('alpine') && words[0] === 'nats-server' ? words.slice(1) : words;
      const { code, stdout, stderr } = await endedBy(binary, args);
      expect(stdout + stderr).toContain(finding!.symptom);
      expect(code).toBe(finding!.symptom.startsWith('flag provided') ? 0 : 1);
    },
  );
});

/** Go writes 2m as 2m0s. */
const goText = (log: string): string => log.replaceAll(/\b(\d+[hm])0s\b/g, '$1');

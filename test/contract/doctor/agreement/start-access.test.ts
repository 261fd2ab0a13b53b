import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ConnectionOptions, connect } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { serverConf } from '../../../../src/doctor/nats-conf/server.ts';
import { isAtLeast } from '../../../../src/doctor/nats-conf/versions.ts';
import { ruleOf } from '../../../../src/doctor/registry.ts';
import { runStatic } from '../../../../src/doctor/run.ts';
import { newTlsMaterial } from '../../../../src/world/tls.ts';
import { casesOf, FIXTURES, factsOfCase } from '../../../helpers/doctor-fixtures.ts';
import { natsServers, type RunningNats } from '../../../helpers/nats-servers.ts';
import { ConfCopy } from './started-server.ts';

const servers = await natsServers();
const caseOf = (id: string, name: string): string => join(FIXTURES, id, name);
const accountCases = (await casesOf('A07')).filter((folder) => !/devenv-yaml|flag$/.test(folder));

/** What a user hears in answer to a request that nobody serves: an error by name, or who is missing. */
async function asking({ port }: RunningNats, options: ConnectionOptions, subject: string) {
  const nc = await connect({ servers: `127.0.0.1:${port}`, reconnect: false, timeout: 5_000, ...options });
  const heard: string[] = [];
  void (async () => {
    for await (const status of nc.status()) if (status.type === 'error') heard.push(String(status.error));
  })();
  try {
    const answer = await nc.request(subject, '', { timeout: 1_000 });
    return { text: answer.string(), heard };
  } catch (error) {
    return { text: String(error), heard };
  } finally {
    await nc.close();
  }
}

const finalLog = async (running: RunningNats): Promise<string> => {
  await running.stop();
  const { stdout, stderr } = await running.program.exit;
  return stdout + stderr;
};

describe.each(servers)('nats-server $version', (binary) => {
  it.each(['bad-one-star', 'bad-no-inbox', 'bad-denied'])(
    'A02 %s: no reply may be received',
    async (name) => {
      const folder = caseOf('A02', name);
      const { facts } = await factsOfCase(folder);
      expect(runStatic(facts, { rules: [ruleOf('A02')!] })).toHaveLength(1);
      await using copy = await ConfCopy.of(folder);
      // Nobody knows the password behind the hash.
      const file = join(copy.directory, 'nats.conf');
      await writeFile(file, (await readFile(file, 'utf8')).replace(/"\$2a\$[^"]*"/, '"x"'));
      const [user] = serverConf(facts.confs[0]!).users;
      const running = await copy.start(binary);
      const { text, heard } = await asking(running, { user: user!.name.value, pass: 'x' }, 'teacher.x');
      await running.stop();
      expect([text, ...heard].join('\n')).toMatch(
        /Permissions Violation for Subscription to "_INBOX\.[^"]+\.\*"/i,
      );
    },
  );

  it('A02 near-covered: those that may ask hear the answer', async () => {
    await using copy = await ConfCopy.of(caseOf('A02', 'near-covered'));
    const running = await copy.start(binary);
    try {
      for (const user of ['api', 'worker', 'all', 'publisher'])
        expect((await asking(running, { user, pass: 'x' }, 'orders.x')).text, user).toMatch(/no responders/i);
      const own = { user: 'prefixed', pass: 'x', inboxPrefix: '_INBOX_prefixed' };
      expect((await asking(running, own, 'orders.x')).text).toMatch(/no responders/i);
    } finally {
      await running.stop();
    }
  });

  it.each(accountCases.map((folder) => ({ name: basename(folder), folder })))(
    'A07 $name: JetStream answers the users whom the rule says nothing of',
    async ({ folder }) => {
      const { facts } = await factsOfCase(folder);
      const findings = runStatic(facts, { rules: [ruleOf('A07')!] });
      await using copy = await ConfCopy.of(folder);
      if (findings.some(({ symptom }) => symptom.startsWith('[FTL]'))) {
        const verdict = await copy.verdict(binary);
        expect(verdict.log).toContain('[FTL] Not allowed to enable JetStream on the system account');
        expect(verdict.started).toBe(false);
        return;
      }
      const conf = serverConf(facts.confs[0]!);
      const running = await copy.start(binary);
      try {
        for (const { name, account } of conf.users) {
          if (account === conf.systemAccount?.value) continue;
          const { text } = await asking(running, { user: name.value, pass: 'x' }, '$JS.API.INFO');
          const where = account ?? 'of authorization';
          const told = findings.find(({ cause }) => cause.includes(where));
          if (account === 'CORE') continue; // No permission to ask, and none wanted.
          if (told === undefined) expect(text).toContain('"streams":');
          // Nobody would answer; 2.9 does not even say so.
          else if (told.symptom.startsWith('no responders'))
            expect(text).toContain(isAtLeast(binary.version, '2.10.0') ? told.symptom : 'timeout');
          else expect(text).toContain('"err_code":10039');
        }
      } finally {
        await running.stop();
      }
    },
  );

  it.each([
    { name: 'bad-open-address', warns: true },
    { name: 'near-hashed-on-loopback', warns: false },
  ])('A09 $name: the server warns of passwords in clear as the rule does', async ({ name, warns }) => {
    await using copy = await ConfCopy.of(caseOf('A09', name));
    const log = await finalLog(await copy.start(binary));
    expect(log.includes('Plaintext passwords detected, use nkeys or bcrypt')).toBe(warns);
  });

  it('A10: each mismatch is what both sides say', async () => {
    const { ca, server, client } = await newTlsMaterial([]);
    const own = { cert: client.cert, key: client.key };
    const tried = async (name: string, tls: ConnectionOptions['tls'] | undefined) => {
      await using copy = await ConfCopy.of(caseOf('A10', name));
      for (const [file, text] of [
        ['server.pem', server.cert],
        ['server-key.pem', server.key],
        ['ca.pem', ca],
      ])
        await writeFile(join(copy.directory, file!), text!);
      const running = await copy.start(binary);
      const options = {
        servers: `127.0.0.1:${running.port}`,
        reconnect: false,
        timeout: 5_000,
        ...(tls && { tls }),
      };
      const flushed = async (): Promise<string> => {
        const nc = await connect(options);
        await nc.flush();
        await nc.close();
        return 'connected';
      };
      const said = await flushed().catch((error: Error) => error.message);
      return { said, log: await finalLog(running) };
    };
    expect((await tried('bad-client-wants-tls', {})).said).toBe("server does not support 'tls'");
    expect((await tried('bad-no-authority', undefined)).said).toMatch(
      /self-signed certificate|unable to verify/,
    );
    expect((await tried('bad-no-authority', { ca })).said).toBe('connected');
    expect((await tried('bad-verify', { ca })).log).toContain("tls: client didn't provide a certificate");
    expect((await tried('bad-verify', { ca, ...own })).said).toBe('connected');
    expect((await tried('bad-verify-without-ca', { ca, ...own })).log).toMatch(
      /x509: certificate signed by unknown authority/,
    );
    expect((await tried('bad-no-certificate', { ca, ...own })).log).toContain(
      'tls: no certificates configured',
    );
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { monitoring } from '../../../src/adapters/nats/monitoring.ts';
import { tryLogin } from '../../../src/adapters/nats.ts';
import { confChange } from '../../../src/doctor/nats-conf/conf-change.ts';
import { eventually } from '../../helpers/eventually.ts';
import { natsServers, type RunningNats, startNats } from '../../helpers/nats-servers.ts';

/** Each change is made in the file of a real server, which is told by SIGHUP to read it again. */
const base = (folder: string) => `server_name: "shop"
host: "127.0.0.1"
port: -1
http: "127.0.0.1:-1"
max_payload: 1048576
max_pending: 67108864
max_connections: 65536
jetstream {
  store_dir: "${folder}/store"
  max_memory_store: 1000000
  max_file_store: 100000000
}
accounts {
  APP {
    jetstream { max_file: 500000 }
    users: [ { user: "api", password: "old", permissions: { publish: { allow: ["a.>"] } } } ]
  }
  SYS { users: [ { user: "monitor", password: "m" } ] }
}
system_account: "SYS"
`;

type Change = readonly [what: string, from: string, to: string];
const TAKEN: readonly Change[] = [
  ['a password', '"old"', '"new"'],
  ['a permission', '"a.>"', '"b.>"'],
  ['a new user', 'users: [ { user: "api"', 'users: [ { user: "new", password: "p" }, { user: "api"'],
  ['a limit of an account, up', 'max_file: 500000', 'max_file: 600000'],
  ['a limit of an account, down', 'max_file: 500000', 'max_file: 400000'],
  ['max_payload', 'max_payload: 1048576', 'max_payload: 2097152'],
  ['max_connections', 'max_connections: 65536', 'max_connections: 100'],
];
const REFUSED: readonly Change[] = [
  ['max_pending', 'max_pending: 67108864', 'max_pending: 33554432'],
  ['a smaller store', 'max_file_store: 100000000', 'max_file_store: 50000000'],
  ['the folder of the store', '/store"', '/other"'],
  ['the name', '"shop"', '"other"'],
  ['the system account', 'SYS { users: [ { user: "monitor"', 'ALL { users: [ { user: "monitor"'],
  ['the host', 'host: "127.0.0.1"', 'host: "localhost"'],
];

for (const binary of await natsServers())
  describe(`nats-server ${binary.version} that reads its nats.conf again`, () => {
    let folder: string;
    let file: string;
    let nats: RunningNats;
    let log: string;
    const bounds = { signal: new AbortController().signal, timeoutMs: 20_000 };
    const readAt = async () => (await monitoring(nats.monitorUrl, bounds).varz()).configLoadTime;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'devenv-reload-'));
      file = join(folder, 'nats.conf');
      await writeFile(file, base(folder));
      nats = await startNats(binary, file, folder);
      log = '';
      nats.program.child.stderr?.on('data', (text: string) => {
        log += text;
      });
    });
    afterEach(async () => {
      await nats.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const changed = async ([, from, to]: Change): Promise<string> => {
      const text = base(folder)
        .replace(from, to)
        .replace('system_account: "SYS"', to.startsWith('ALL') ? 'system_account: "ALL"' : '$&');
      expect(text).not.toBe(base(folder));
      await writeFile(file, text);
      return text;
    };
    const said = (pattern: RegExp) => eventually(() => expect(log).toMatch(pattern));

    it.each(TAKEN)('takes %s, as confChange says', async (...change) => {
      const before = await readAt();
      const text = await changed(change);
      expect(confChange(base(folder), text).consequence).toBe('reload');
      process.kill(nats.pid, 'SIGHUP');
      await said(/Reloaded server configuration/);
      expect(await readAt()).not.toBe(before);
    });

    it.each(REFUSED)('refuses %s, as confChange says, and goes on with what it has', async (...change) => {
      const before = await readAt();
      const text = await changed(change);
      expect(['rolling', 'together']).toContain(confChange(base(folder), text).consequence);
      process.kill(nats.pid, 'SIGHUP');
      await said(/Failed to reload server configuration/);
      expect(await readAt()).toBe(before);
    });

    it('a new password is accepted and the old one refused', async () => {
      const login = async (password: string) => {
        const access = {
          servers: [`127.0.0.1:${nats.port}`],
          user: 'api',
          credential: { kind: 'password', password },
        } as const;
        return (await tryLogin(access, bounds)).accepted;
      };
      expect([await login('old'), await login('new')]).toEqual([true, false]);
      await changed(TAKEN[0]!);
      process.kill(nats.pid, 'SIGHUP');
      await said(/Reloaded server configuration/);
      expect([await login('old'), await login('new')]).toEqual([false, true]);
    });
  });

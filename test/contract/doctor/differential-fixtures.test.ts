import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type NatsServerBinary, natsServers } from '../../helpers/nats-servers.ts';
import { repository } from '../../helpers/sandbox.ts';
import { askOurselves, askServer, difference } from './nats-server-check.ts';

const FOLDER = join(repository, 'test', 'fixtures', 'doctor', 'differential');
const verdicts: Record<string, Record<string, boolean>> = JSON.parse(
  await readFile(join(FOLDER, 'verdicts.json'), 'utf8'),
);
const cases = Object.entries(verdicts).map(([name, byVersion]) => ({ name, byVersion }));

describe('files on which generations of nats-server differ, or on which we once differed from them', () => {
  it.each(cases)('$name is read as by each version', async ({ name, byVersion }) => {
    const file = join(FOLDER, `${name}.conf`);
    const text = await readFile(file, 'utf8');
    const own = Object.keys(byVersion).map((version) => [version, askOurselves(version, file, text).ok]);
    expect(Object.fromEntries(own)).toEqual(byVersion);
  });

  describe('and the servers at hand', () => {
    let servers: NatsServerBinary[];
    beforeAll(async () => {
      servers = await natsServers();
    });

    it.each(cases)('agree on $name', async ({ name, byVersion }) => {
      const file = join(FOLDER, `${name}.conf`);
      const text = await readFile(file, 'utf8');
      for (const server of servers.filter(({ version }) => version in byVersion)) {
        const theirs = await askServer(server, file);
        expect(theirs.ok, `${server.version}: ${theirs.output}`).toBe(byVersion[server.version]);
        expect(difference(theirs, askOurselves(server.version, file, text)), server.version).toBeNull();
      }
    });
  });
});

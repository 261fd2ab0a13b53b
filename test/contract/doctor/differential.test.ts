import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NatsServerBinary, natsServers } from '../../helpers/nats-servers.ts';
import { randomSeed } from '../../helpers/random-seed.ts';
import { topLevel } from './nats-conf-generator.ts';
import { noise, textOf } from './nats-conf-writer.ts';
import { askOurselves, askServer, difference } from './nats-server-check.ts';

/** Set DEVENV_TEST_SEED to see a failure again, and DEVENV_TEST_RUNS to look further. */
const seed = randomSeed();
const runs = Number(process.env.DEVENV_TEST_RUNS ?? 2_400);

const anything = fc.oneof({ weight: 8, arbitrary: textOf(topLevel) }, { weight: 1, arbitrary: noise });

/** What one round came to. */
interface Outcome {
  accepted: number;
  refused: number;
  differences: string[];
}

describe('random configurations', () => {
  let folder: string;
  let servers: NatsServerBinary[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'devenv-differential-'));
    servers = await natsServers();
    await writeFile(join(folder, 'included.conf'), 'ping_max: 3\n  foo_inc: 1\n');
    await writeFile(
      join(folder, 'nested.conf'),
      'gateway {\n  name: $gate\n  include within.conf\n}\ngate: "G9"\nmax_payload: $SIZE\n',
    );
    await writeFile(join(folder, 'within.conf'), '# fields of whatever block\nport: 7333 # one\n');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it(`get the same verdict from us as from nats-server -t (seed ${seed})`, { timeout: 600_000 }, async () => {
    expect(servers.length, 'a nats-server is needed to compare with').toBeGreaterThan(0);
    const texts = fc.sample(anything, { seed, numRuns: runs });
    const outcome: Outcome = { accepted: 0, refused: 0, differences: [] };
    const jobs = texts.entries();
    // A few at once, so that one is read here while others start.
    const worker = async (): Promise<void> => {
      for (const [index, text] of jobs) await compare(index, text, outcome);
    };
    await Promise.all([worker(), worker(), worker()]);
    const { accepted, refused, differences } = outcome;
    process.stdout.write(`seed ${seed}: ${accepted} accepted, ${refused} refused\n`);
    expect(differences.slice(0, 3).join('\n\n'), `DEVENV_TEST_SEED=${seed} shows it again`).toBe('');
    expect(accepted + refused).toBe(runs);
    // Were nearly all refused, nothing would be known of what is accepted.
    expect(accepted).toBeGreaterThan(runs / 10);
    expect(refused).toBeGreaterThan(runs / 10);
  });

  it('take a response_threshold of a stream as the server does that is asked, and nothing else beside it', async () => {
    const verdicts = async (fields: string): Promise<(string | null)[]> => {
      const file = join(folder, 'chance.conf');
      const text = `accounts { A { exports: [ { ${fields} } ] } }\n`;
      await writeFile(file, text);
      const all = servers.map(async (server) =>
        difference(await askServer(server, file), askOurselves(server.version, file, text)),
      );
      return Promise.all(all);
    };
    const none = servers.map(() => null);
    // Each run of a server has an order of its own: one in six says yes to this.
    for (let times = 0; times < 15; times += 1)
      expect(await verdicts('stream: "a.b", threshold: "2s"')).toEqual(none);
    expect(await verdicts('stream: "a.b", response: single')).toEqual(none);
    const file = join(folder, 'chance.conf');
    const own = (fields: string) =>
      askOurselves('2.15.1', file, `accounts { A { exports: [ { ${fields} } ] } }\n`);
    expect(own('stream: "a.b", "Response_Threshold": "2s"')).toMatchObject({ ok: false, byChance: true });
    expect(own('stream: "a.b", response: single, threshold: "2s"').byChance).toBe(false);
    expect(own('stream: "a.b", threshold: "2s", foo: 1').byChance).toBe(false);
    expect(own('service: "a.b", threshold: "2s"')).toMatchObject({ ok: true, byChance: false });
  });

  async function compare(index: number, text: string, outcome: Outcome): Promise<void> {
    const server = servers[index % servers.length]!;
    const file = join(folder, `${index}.conf`);
    await writeFile(file, text);
    const theirs = await askServer(server, file);
    const ours = askOurselves(server.version, file, text);
    if (theirs.ok) outcome.accepted += 1;
    else outcome.refused += 1;
    const differs = difference(theirs, ours);
    if (differs !== null)
      outcome.differences.push(
        `nats-server ${server.version}: ${differs}\n${JSON.stringify(text)}\nit says: ${theirs.output.trim()}\nwe say: ${ours.output}`,
      );
    await rm(file);
  }
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StaticFacts } from '../../../../src/doctor/facts.ts';
import type { Finding } from '../../../../src/doctor/finding.ts';
import { isAtLeast } from '../../../../src/doctor/nats-conf/versions.ts';
import { ruleOf } from '../../../../src/doctor/registry.ts';
import { runStatic } from '../../../../src/doctor/run.ts';
import { DevenvError } from '../../../../src/errors.ts';
import type { Topology } from '../../../../src/topology/model.ts';
import { factsOfCase } from '../../../helpers/doctor-fixtures.ts';
import { type NatsServerBinary, natsServers } from '../../../helpers/nats-servers.ts';
import { randomSeed } from '../../../helpers/random-seed.ts';
import { createAll, type Refused } from './created-topology.ts';
import { LimitedServers } from './limited-servers.ts';
import { pulled } from './pulled.ts';
import { type Declaration, declaration } from './topology-generator.ts';

/** Set DEVENV_TEST_SEED to see a failure again, and DEVENV_TEST_RUNS to look further. */
const seed = randomSeed();
const runs = Number(process.env.DEVENV_TEST_RUNS ?? 80);

/** What servers decide when streams and consumers are made, and the first and last series that decide so. */
const DECIDED: Readonly<Record<string, { since?: string; until?: string }>> = {
  ...Object.fromEntries(
    [
      'S01',
      'S11',
      'S12',
      'S13',
      'S17',
      'R01',
      'R02',
      'R03',
      'R06',
      'R07',
      'R08',
      'R11',
      'R12',
      'K05',
      'K08',
    ].map((id) => [id, {}]),
  ),
  S18: { since: '2.10' },
};
/** Sums of a cluster are counted from numbers that are seconds old, and not by every series (clusters.test.ts). */
const SUMS = new Set(['R01', 'R02', 'R03']);

/** What there is to compare; null for a declaration that is refused before any rule reads it. */
async function factsOf(folder: string, declared: Declaration, version: string): Promise<StaticFacts | null> {
  // JSON is YAML.
  await writeFile(join(folder, 'devenv.yaml'), JSON.stringify(declared));
  try {
    const { facts } = await factsOfCase(folder, { expect: [] });
    return { ...facts, natsVersion: version };
  } catch (error) {
    if (error instanceof DevenvError) return null;
    throw error;
  }
}

function predicted(facts: StaticFacts, { version }: NatsServerBinary): Finding[] {
  const rules = Object.entries(DECIDED)
    .filter(
      ([, { since, until }]) =>
        (since === undefined || isAtLeast(version, since)) &&
        (until === undefined || !isAtLeast(version, until)),
    )
    .map(([id]) => ruleOf(id)!);
  return runStatic(facts, { rules }).filter(({ severity }) => severity === 'error');
}

async function asked(
  binary: NatsServerBinary,
  facts: StaticFacts,
  topology: Topology,
  reversed: boolean,
): Promise<Refused[]> {
  await using real = await LimitedServers.start(binary, topology);
  const refused = await createAll(facts, real.connection, { reversed });
  return [...refused, ...(await pulled(topology, refused, real.connection))];
}

/** Why the two do not fit together; null when they do. */
function disagreement(
  findings: readonly Finding[],
  refused: readonly Refused[],
  { servers, version }: { servers: number; version: string },
): string | null {
  const said = new Set(findings.map(({ rule }) => rule));
  // Servers before 2.11 take some of these, and from then on requests are answered by the stream.
  if (said.has('S12') && !isAtLeast(version, '2.11')) return null;
  const gone = new Set(refused.map(({ object }) => object));
  for (const { object, code, text } of refused) {
    // What follows from an earlier refusal, and what no rule here is about.
    // 2.9 wants a filter to be a part of one subject, and of some that are not disjoint it cannot tell.
    if (code === 10093) continue;
    if (code === 10059 && gone.has(object.split('/')[0] ?? '')) continue;
    // A name with a dot is asked for on a subject that nobody answers.
    const explained =
      code === 0 ? said.has('S17') : [...said].some((id) => ruleOf(id)?.codes?.includes(code));
    if (!explained) return `no rule says why ${object} is refused: ${code} ${text}`;
  }
  const decided = findings
    .filter(({ rule }) => servers === 1 || !SUMS.has(rule))
    // 2.10 takes "*.b" and "a.*" in this order, and refuses them in the other.
    .filter(({ rule }) => rule !== 'S18' || isAtLeast(version, '2.11'));
  if (decided.length > 0 && refused.length === 0) return 'the server takes all of it';
  return null;
}

describe('random topologies', async () => {
  const binaries = await natsServers();
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'devenv-topologies-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    { servers: 1, count: runs },
    { servers: 3, count: Math.ceil(runs / 15) },
  ] as const)(
    `get the same verdict from the rules as from $servers real servers (seed ${seed})`,
    { timeout: 600_000 },
    async ({ servers, count }) => {
      expect(binaries.length, 'a nats-server is needed to compare with').toBeGreaterThan(0);
      const tally = { clean: 0, refused: 0, unread: 0 };
      const seen = new Set<string>();
      const differences: string[] = [];
      for (const [index, declared] of fc.sample(declaration(servers), { seed, numRuns: count }).entries()) {
        const binary = binaries[index % binaries.length]!;
        const facts = await factsOf(folder, declared, binary.version);
        if (facts === null) {
          tally.unread += 1;
          continue;
        }
        const findings = predicted(facts, binary);
        const { topology } = facts.project!;
        // Accounts that are promised more than there is keep the server from starting.
        if (runStatic(facts, { rules: [ruleOf('C21')!] }).length > 0) {
          tally.unread += 1;
          continue;
        }
        const refused = await asked(binary, facts, topology, false);
        // A stream without a limit is refused only when it comes last.
        if (refused.length === 0 && findings.length > 0)
          refused.push(...(await asked(binary, facts, topology, true)));
        const differs = disagreement(findings, refused, { servers, version: binary.version });
        if (refused.length === 0) tally.clean += 1;
        else tally.refused += 1;
        for (const { rule } of findings) seen.add(rule);
        if (differs !== null)
          differences.push(
            `nats-server ${binary.version}: ${differs}\n${JSON.stringify(declared)}\n` +
              `we say: ${findings.map(({ rule, cause }) => `${rule} ${cause}`).join('\n        ')}\n` +
              `it says: ${refused.map(({ object, code, text }) => `${object}: ${code} ${text}`).join('\n         ')}`,
          );
      }
      process.stdout.write(
        `seed ${seed}, ${servers} servers: ${tally.clean} accepted, ${tally.refused} refused, ${tally.unread} unread; ${[...seen].sort().join(' ')}\n`,
      );
      expect(differences.slice(0, 3).join('\n\n'), `DEVENV_TEST_SEED=${seed} shows it again`).toBe('');
      expect(tally.unread).toBeLessThan(count / 4);
      if (count < 60) return;
      // Were nearly all refused, nothing would be known of what is accepted.
      expect(tally.clean).toBeGreaterThan(count / 20);
      expect(tally.refused).toBeGreaterThan(count / 10);
    },
  );
});

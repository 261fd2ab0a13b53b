import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { isAtLeast } from '../../../../src/doctor/nats-conf/versions.ts';
import { ruleOf } from '../../../../src/doctor/registry.ts';
import { declaredWork, placedActors } from '../../../../src/doctor/rules/consumers/declared-work.ts';
import { runStatic } from '../../../../src/doctor/run.ts';
import { casesOf, factsOfCase } from '../../../helpers/doctor-fixtures.ts';
import { natsServers } from '../../../helpers/nats-servers.ts';
import { type Again, createAll, type Refused } from './created-topology.ts';
import { LimitedServers } from './limited-servers.ts';
import { ask } from './raw-jetstream.ts';

interface Matter {
  rule: string;
  /** How a server refuses it. */
  codes: readonly number[];
  again?: Again;
  /** First series that refuses; earlier ones accept. */
  since?: string;
  /** First series that accepts again. */
  until?: string;
  /** Whoever starts first decides whether it happens at all: both orders are tried. */
  eitherOrder?: true;
  /** A symptom with these words is seen on every server. */
  always?: string;
}

/** What a server decides when it is asked for a stream or a consumer. */
const MATTERS: readonly Matter[] = [
  { rule: 'S01', codes: [10065], eitherOrder: true },
  { rule: 'S02', codes: [10058] },
  { rule: 'S07', codes: [10093], until: '2.10' },
  // Where delivery starts is immutable on all of them; 2.9 changes everything else in silence.
  { rule: 'S09', codes: [10148, 10012], since: '2.10', always: 'can not be updated' },
  { rule: 'S11', codes: [10052] },
  { rule: 'S13', codes: [10099, 10100, 10101] },
  { rule: 'S15', codes: [10052], again: 'update' },
  { rule: 'S18', codes: [10138], since: '2.10' },
  { rule: 'R01', codes: [10047] },
  { rule: 'R02', codes: [10047, 10028] },
  { rule: 'R03', codes: [10028] },
  { rule: 'R04', codes: [10047], again: 'update' },
  { rule: 'R06', codes: [10026, 10027] },
  { rule: 'R07', codes: [10074] },
  { rule: 'R11', codes: [10052] },
  { rule: 'R12', codes: [10052] },
];

/** Cases with a declaration for one server; clusters have a test of their own. */
async function ownCases(rule: string) {
  const folders = (await casesOf(rule)).filter((folder) => existsSync(join(folder, 'devenv.yaml')));
  const read = await Promise.all(folders.map(async (folder) => ({ folder, ...(await factsOfCase(folder)) })));
  return read
    .filter(({ facts }) => facts.project?.topology.nats.servers === 1)
    .map(({ folder, facts }) => ({ name: basename(folder), facts }));
}

const cases = new Map(
  await Promise.all(MATTERS.map(async ({ rule }) => [rule, await ownCases(rule)] as const)),
);

describe.each(await natsServers())('nats-server $version', (binary) => {
  let servers: LimitedServers | undefined;
  afterEach(async () => {
    await servers?.[Symbol.asyncDispose]();
    servers = undefined;
  });

  describe.each(MATTERS)('$rule', ({ rule: id, codes, again, since, until, eitherOrder, always }) => {
    const rule = ruleOf(id)!;
    const refuses =
      (since === undefined || isAtLeast(binary.version, since)) &&
      (until === undefined || !isAtLeast(binary.version, until));

    it.each(cases.get(id)!)('$name', async ({ name, facts: gathered }) => {
      const facts = { ...gathered, natsVersion: binary.version };
      const findings = runStatic(facts, { rules: [rule] });
      const errors = findings.filter(({ severity }) => severity === 'error');
      const expected =
        errors.length > 0 &&
        (refuses || errors.some(({ symptom }) => always !== undefined && symptom.includes(always)));
      const refused: Refused[] = [];
      for (const reversed of eitherOrder ? [false, true] : [false]) {
        servers = await LimitedServers.start(binary, facts.project!.topology);
        const options = again === undefined ? { reversed } : { reversed, again };
        refused.push(...(await createAll(facts, servers.connection, options)));
        await servers[Symbol.asyncDispose]();
      }
      const own = refused.filter(({ code }) => codes.includes(code));
      const said = findings.map(({ cause }) => cause);
      expect(own.length > 0, JSON.stringify({ said, refused }, null, 2)).toBe(expected);
      const symptoms = [...findings.map(({ symptom }) => symptom), ...rule.symptoms];
      for (const { text } of own)
        expect(symptoms.includes(text) || rule.matches?.some((each) => each.test(text)), text).toBe(true);
      if (name.startsWith('near')) expect(refused).toEqual([]);
    });
  });

  it('S10: the server has none of what the rule misses', async () => {
    const folder = (await casesOf('S10')).find((each) => basename(each) === 'bad-references-of-services')!;
    const { facts } = await factsOfCase(folder);
    servers = await LimitedServers.start(binary, facts.project!.topology);
    await createAll(facts, servers.connection);
    const nc = await servers.connection('APP');
    const asked = [
      ...declaredWork(facts.project!).map(({ work }) => `CONSUMER.INFO.${work.stream}.${work.consumer}`),
      ...placedActors(facts.project!).flatMap(({ role }) =>
        role.observes.map((name) => `STREAM.INFO.${name}`),
      ),
    ];
    const refusals = await Promise.all(asked.map(async (subject) => (await ask(nc, subject)).refusal));
    const said = refusals.flatMap((refusal) => (refusal === null ? [] : [refusal.text]));
    const findings = runStatic(facts, { rules: [ruleOf('S10')!] });
    expect(said.sort()).toEqual(findings.map(({ symptom }) => symptom).sort());
  });
});

import { basename } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ruleOf } from '../../../../src/doctor/registry.ts';
import { runStatic } from '../../../../src/doctor/run.ts';
import { casesOf, factsOfCase } from '../../../helpers/doctor-fixtures.ts';
import { natsServers } from '../../../helpers/nats-servers.ts';
import { createAll } from './created-topology.ts';
import { LimitedServers } from './limited-servers.ts';

/**
 * Reservations in a cluster are counted by the meta leader, from numbers that are seconds old, and differently by each
 * series: 2.10 holds no account to its sum, 2.15 no server. The rule keeps to the sum on all of them, because a store
 * that is promised twice fails when it is full.
 */
const OVERCOMMITS: Readonly<Record<string, RegExp>> = {
  'bad-account-limit-counts-copies': /^2\.10\./,
  'bad-one-server-of-three': /^2\.1[1-9]\./,
};

const own = await Promise.all(
  ['R01', 'R07', 'R08'].map(async (id) => {
    const folders = await casesOf(id);
    const read = await Promise.all(
      folders.map(async (folder) => ({
        id,
        name: basename(folder),
        facts: (await factsOfCase(folder)).facts,
      })),
    );
    return read.filter(({ facts }) => (facts.project?.topology.nats.servers ?? 1) > 1);
  }),
);

describe.each(await natsServers())('three nats-servers $version', ({ version, ...binary }) => {
  let servers: LimitedServers | undefined;
  afterEach(async () => {
    await servers?.[Symbol.asyncDispose]();
    servers = undefined;
  });

  it.each(own.flat())('$id $name', async ({ id, name, facts }) => {
    const rule = ruleOf(id)!;
    const findings = runStatic(facts, { rules: [rule] });
    servers = await LimitedServers.start({ version, ...binary }, facts.project!.topology);
    const refused = await createAll(facts, servers.connection);
    const expected = findings.length > 0 && OVERCOMMITS[name]?.test(version) !== true;
    const said = findings.map(({ cause }) => cause);
    expect(refused.length > 0, JSON.stringify({ said, refused }, null, 2)).toBe(expected);
    const symptoms = [...findings.map(({ symptom }) => symptom), ...rule.symptoms];
    for (const { text } of refused) expect(symptoms).toContain(text);
  });
});

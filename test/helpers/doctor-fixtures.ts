import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import type { Rule } from '../../src/doctor/rule.ts';
import { placeText, runStatic } from '../../src/doctor/run.ts';
import { type GatheredFacts, gatherStaticFacts } from '../../src/world/static-facts.ts';
import { repository } from './sandbox.ts';

export const FIXTURES = join(repository, 'test', 'fixtures', 'doctor');

/** case.json of a fixture; every file beside it is what a user would have. */
export interface Case {
  natsVersion?: string;
  env?: Record<string, string>;
  /** Default: nats.conf, when it is there. */
  confs?: string[];
  /** Everything that the rule says, in any order; empty for a near miss. */
  expect: Expected[];
}

export interface Expected {
  /** `nats.conf:26:4`, `stream MESSAGES`; files are named relative to the fixture's folder. */
  place: string;
  severity?: Finding['severity'];
  /** A part of the cause. */
  cause?: string;
}

/** Folders of the cases of one rule: `bad…` and `near…`. */
export async function casesOf(ruleId: string): Promise<string[]> {
  const folder = join(FIXTURES, ruleId);
  const entries = existsSync(folder) ? await readdir(folder, { withFileTypes: true }) : [];
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort();
}

export const readCase = async (folder: string): Promise<Case> =>
  JSON.parse(await readFile(join(folder, 'case.json'), 'utf8')) as Case;

/** What the doctor knows when it stands in that folder, with nothing of this machine's environment. */
export async function factsOfCase(folder: string, given?: Case): Promise<GatheredFacts> {
  const { confs, env = {}, natsVersion } = given ?? (await readCase(folder));
  const has = (name: string): boolean => existsSync(join(folder, name));
  const manifests = has('manifests') ? (await readdir(join(folder, 'manifests'))).sort() : [];
  const config = has('devenv.yaml')
    ? await loadConfig({ cwd: folder, env, flags: { configFile: 'devenv.yaml' } })
    : null;
  const own = config?.doctor ?? { natsConf: [], compose: [], manifests: [] };
  return gatherStaticFacts({
    cwd: folder,
    env,
    natsVersion,
    config,
    confs: [
      ...own.natsConf,
      ...(confs ?? (has('nats.conf') && own.natsConf.length === 0 ? ['nats.conf'] : [])),
    ],
    composes: [...own.compose, ...(has('compose.yaml') && own.compose.length === 0 ? ['compose.yaml'] : [])],
    manifests: [
      ...own.manifests,
      ...manifests.map((name) => join('manifests', name)).filter(() => own.manifests.length === 0),
    ],
  });
}

/** What one rule says about a case. */
export async function findingsOfCase(rule: Rule, folder: string): Promise<Finding[]> {
  const { facts } = await factsOfCase(folder);
  return runStatic(facts, { rules: [rule] });
}

/** As a case.json would say it, for comparison and for failure messages that can be read. */
export const summaryOf = (finding: Finding): string =>
  `${placeText(finding.place)} ${finding.severity}: ${finding.cause}`;

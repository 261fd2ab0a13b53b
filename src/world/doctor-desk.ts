import { existsSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../adapters/files.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import type { Doctor, Examination, ExamineRequest } from '../doctor/doctor.ts';
import { isAboutReservations } from '../doctor/doctor.ts';
import type { LiveFacts, MachineFacts } from '../doctor/facts.ts';
import type { Finding } from '../doctor/finding.ts';
import type { FileChange } from '../doctor/fix.ts';
import { RULES } from '../doctor/registry.ts';
import { summaryOf } from '../doctor/report.ts';
import type { Rule } from '../doctor/rule.ts';
import { inOrder, runLive, runMachine, runStatic } from '../doctor/run.ts';
import { DevenvError } from '../errors.ts';
import { planBudget } from '../topology/budget.ts';
import { renderBudgetTable } from '../topology/budget-table.ts';
import { environmentOf } from './environment.ts';
import { gatherStaticFacts } from './static-facts.ts';

export interface DeskOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  name?: string | undefined;
  /** Path of a devenv.yaml. */
  configFile?: string | undefined;
  /** One look at the running environment of the project; null when nothing of it runs. */
  look(signal: AbortSignal): Promise<LiveFacts | null>;
}

/** The doctor in the real world. */
export function doctorDesk(options: DeskOptions): Doctor {
  return {
    examine: (request, { signal }) => examine(options, { ...EVERYTHING, ...request }, signal),
    write: writeChanges,
  };
}

const EVERYTHING: ExamineRequest = {
  confs: [],
  composes: [],
  manifests: [],
  rules: [],
  static: true,
  live: 'when-running',
};

async function examine(
  options: DeskOptions,
  request: ExamineRequest,
  signal: AbortSignal,
): Promise<Examination> {
  const { config, sources, notes } = await subjectOf(options, request);
  const ignored = config?.doctor.ignore ?? [];
  const rules = RULES.filter(({ id }) =>
    request.rules.length > 0 ? request.rules.includes(id) : !ignored.includes(id),
  );
  const gathered = await gatherStaticFacts({
    ...options,
    ...sources,
    ...(request.stdin !== undefined && { stdin: request.stdin }),
    config,
    natsVersion: request.natsVersion,
  });
  const findings = request.static ? runStatic(gathered.facts, { rules }) : [];
  const live = await liveFacts(options, request, config, signal);
  if (live !== null) findings.push(...runLive(live, { rules }));
  else if (request.live === 'when-running' && config !== null) {
    findings.push(...runMachine(await machineFacts(config, signal), { rules }));
  }
  const { topology } = gathered.facts.project ?? {};
  return {
    report: {
      findings: inOrder(findings),
      summary: summaryOf(inOrder(findings)),
      checked: {
        files: [...gathered.files.keys()],
        rules: rules.filter((rule) => isAsked(rule, request.static, live !== null)).length,
        live: live !== null,
        natsVersion: gathered.facts.natsVersion,
        natsVersionFrom: gathered.versionOrigin,
        ignored: request.rules.length > 0 ? [] : ignored,
      },
    },
    files: gathered.files,
    notes,
    budget:
      topology !== undefined && isAboutReservations(findings) ? renderBudgetTable(planBudget(topology)) : [],
  };
}

const isAsked = (rule: Rule, isStatic: boolean, isLive: boolean): boolean =>
  (isStatic && rule.static !== undefined) || (isLive && rule.live !== undefined);

type Files = Pick<ExamineRequest, 'confs' | 'composes' | 'manifests'>;

interface Subject {
  config: LoadedConfig | null;
  sources: Files;
  notes: readonly string[];
}

/** What the static rules say about a project that is about to be started. */
export async function declaredFindings(
  config: LoadedConfig,
  { cwd, env }: Pick<DeskOptions, 'cwd' | 'env'>,
): Promise<readonly Finding[]> {
  const { natsConf: confs, compose: composes, manifests, ignore } = config.doctor;
  const { facts } = await gatherStaticFacts({ cwd, env, config, confs, composes, manifests });
  return runStatic(facts, { rules: RULES.filter(({ id }) => !ignore.includes(id)) });
}

/** What is examined: the files that were named, else the project, else the files that are usually called so. */
async function subjectOf(
  { cwd, env, name, configFile }: DeskOptions,
  request: ExamineRequest,
): Promise<Subject> {
  const { confs, composes, manifests } = request;
  const isNamed = confs.length + composes.length + manifests.length > 0;
  if (isNamed && configFile === undefined) {
    return { config: null, sources: { confs, composes, manifests }, notes: [] };
  }
  const config = await loadConfig({ cwd, env, flags: { name, configFile } });
  const found = config.configFile === null && request.live !== 'only' ? usualFiles(cwd) : undefined;
  if (found !== undefined) {
    const names = [...found.confs, ...found.composes].join(' and ');
    return {
      config: null,
      sources: found,
      notes: [`there is no devenv.yaml here; ${names} is what was read`],
    };
  }
  const own = config.doctor;
  return {
    config,
    sources: {
      confs: [...own.natsConf, ...confs],
      composes: [...own.compose, ...composes],
      manifests: [...own.manifests, ...manifests],
    },
    notes: config.notes,
  };
}

const USUAL_CONFS = ['nats.conf', 'nats-server.conf'];
/** In Compose's own order; it reads the first. */
const USUAL_COMPOSES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

function usualFiles(cwd: string): Files | undefined {
  const isThere = (name: string): boolean => existsSync(join(cwd, name));
  const confs = USUAL_CONFS.filter(isThere);
  const composes = USUAL_COMPOSES.filter(isThere).slice(0, 1);
  return confs.length + composes.length === 0 ? undefined : { confs, composes, manifests: [] };
}

async function liveFacts(
  options: DeskOptions,
  { live }: ExamineRequest,
  config: LoadedConfig | null,
  signal: AbortSignal,
): Promise<LiveFacts | null> {
  if (live === 'no' || config === null) return null;
  const facts = await options.look(signal);
  if (facts === null && live === 'only') {
    throw new DevenvError(
      'ENVIRONMENT_NOT_RUNNING',
      `Environment "${config.environmentName}" of ${config.projectDir} is not running.`,
      {
        hint: 'Start it with `devenv up`, or leave --live out to look at the files only.',
      },
    );
  }
  return facts;
}

/** Asked of processes and of the engine; neither takes long unless it hangs. */
const MACHINE_ANSWERS_WITHIN_MS = 1_500;

/** What is in the way of a project of which nothing runs. */
async function machineFacts(config: LoadedConfig, signal: AbortSignal): Promise<MachineFacts> {
  const [{ gatherMachineFacts }, { stateStore }] = await Promise.all([
    import('./live-facts-machine.ts'),
    import('./state-store.ts'),
  ]);
  const { topology, runtime } = config;
  const environment = environmentOf(config.projectDir, config.environmentName);
  // A state that cannot be read is told by whoever needs it; without it the preferred ports are looked at.
  const state = await stateStore.load(environment).catch(() => null);
  return gatherMachineFacts(
    { environment, topology, runtime, ...(state !== null && { ports: state.ports }) },
    { signal, timeoutMs: MACHINE_ANSWERS_WITHIN_MS },
  );
}

async function writeChanges(changes: readonly FileChange[], { files }: Examination): Promise<void> {
  const targets = await Promise.all(
    changes.map(async ({ file, before, after }) => {
      const path = files.get(file)?.path;
      if (path === undefined) throw new DevenvError('USAGE', `${file} is not a file that can be written.`);
      // Through a link, so that the link stays one.
      const target = await realpath(path).catch(() => path);
      const now = await readFile(target).catch(() => undefined);
      if (now === undefined || !now.equals(Buffer.from(before))) throw changedMeanwhile(file);
      return { target, after, mode: (await stat(target)).mode & 0o7777 };
    }),
  );
  for (const { target, after, mode } of targets) await writeFileAtomic(target, after, { mode });
}

const changedMeanwhile = (file: string): DevenvError =>
  new DevenvError(
    'FILE_CHANGED',
    `${file} is not as it was read: somebody changed it meanwhile, or it is not UTF-8.`,
    {
      hint: 'Nothing was written. Run the command again to see what is left to fix.',
    },
  );

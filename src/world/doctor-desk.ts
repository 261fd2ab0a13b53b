import type { LoadedConfig } from '../config/load.ts';
import type { Doctor, Examination, ExamineRequest } from '../doctor/doctor.ts';
import { isAboutReservations } from '../doctor/doctor.ts';
import type { LiveFacts } from '../doctor/facts.ts';
import type { Finding } from '../doctor/finding.ts';
import { RULES } from '../doctor/registry.ts';
import { summaryOf } from '../doctor/report.ts';
import type { Rule } from '../doctor/rule.ts';
import { inOrder, runLive, runMachine, runPublished, runStatic } from '../doctor/run.ts';
import { planBudget } from '../topology/budget.ts';
import { renderBudgetTable } from '../topology/budget-table.ts';
import { type Look, lookAround, lookAtPublished, NO_LOOK } from './doctor-look.ts';
import { subjectOf, type Whereabouts } from './doctor-subject.ts';
import { writeChanges } from './file-changes.ts';
import { gatherStaticFacts } from './static-facts.ts';

export interface DeskOptions extends Whereabouts {
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
  const around =
    config === null || request.live === 'no'
      ? NO_LOOK
      : await lookAround({ config, isNeeded: request.live === 'only', look: options.look }, signal);
  if (around.live !== null) findings.push(...runLive(around.live, { rules }));
  if (around.machine !== null) findings.push(...runMachine(around.machine, { rules }));
  const published =
    request.live === 'when-running' && rules.some((rule) => rule.published !== undefined)
      ? await lookAtPublished(gathered.facts, { ...options, config }, signal)
      : null;
  if (published !== null) findings.push(...runPublished(published, { rules }));
  const { topology } = gathered.facts.project ?? {};
  return {
    report: {
      findings: inOrder(findings),
      summary: summaryOf(inOrder(findings)),
      checked: {
        files: [...gathered.files.keys()],
        rules: rules.filter(
          (rule) =>
            isAsked(rule, request.static, around) || (published !== null && rule.published !== undefined),
        ).length,
        live: around.live !== null,
        machine: around.machine !== null || published !== null,
        natsVersion: gathered.facts.natsVersion,
        natsVersionFrom: gathered.versionOrigin,
        ignored: request.rules.length > 0 ? [] : ignored,
      },
    },
    files: gathered.files,
    notes: [...notes, ...gathered.notes, ...around.notes],
    budget:
      topology !== undefined && isAboutReservations(findings) ? renderBudgetTable(planBudget(topology)) : [],
  };
}

const isAsked = (rule: Rule, isStatic: boolean, { live, machine }: Look): boolean =>
  (isStatic && rule.static !== undefined) ||
  (live !== null && rule.live !== undefined) ||
  (machine !== null && rule.machine !== undefined);

/** What the static rules say about a project that is about to be started. */
export async function declaredFindings(
  config: LoadedConfig,
  { cwd, env }: Pick<DeskOptions, 'cwd' | 'env'>,
): Promise<readonly Finding[]> {
  const { natsConf: confs, compose: composes, manifests, ignore } = config.doctor;
  const { facts } = await gatherStaticFacts({ cwd, env, config, confs, composes, manifests });
  return runStatic(facts, { rules: RULES.filter(({ id }) => !ignore.includes(id)) });
}

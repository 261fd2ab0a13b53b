import type { Finding } from '../doctor/finding.ts';
import { DevenvError } from '../errors.ts';
import { planBudget } from '../topology/budget.ts';
import { renderBudgetTable } from '../topology/budget-table.ts';
import type { Topology } from '../topology/model.ts';
import type { Call } from './engine.ts';
import type { Project } from './project.ts';

/** More lines than these would hide what `up` itself has to say. */
const MOST_WARNINGS = 3;
const MOST_ERRORS = 20;

/**
 * What the declaration alone already rules out is refused before anything is started, allocated or written. Warnings are
 * told, notes are left to `devenv doctor`.
 */
export async function refuseFindings(project: Project, { emit }: Pick<Call, 'emit'>): Promise<void> {
  const findings = await project.findings();
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw refused(errors, project.topology);
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  for (const warning of warnings.slice(0, MOST_WARNINGS)) {
    emit({ type: 'note', level: 'warn', text: `${asLine(warning)} (${warning.rule})` });
  }
  const left = warnings.length - MOST_WARNINGS;
  if (left > 0) {
    const text = `the doctor has ${left} more warning${left === 1 ? '' : 's'}; \`devenv doctor\` shows them all`;
    emit({ type: 'note', level: 'warn', text });
  }
}

function refused(errors: readonly Finding[], topology: Topology): DevenvError {
  const lines = errors.slice(0, MOST_ERRORS).map((error) => `${asLine(error)} (${error.rule})`);
  if (errors.length > MOST_ERRORS) lines.push(`… and ${errors.length - MOST_ERRORS} more`);
  const fix = errors.length === 1 ? `${errors[0]!.fix} ` : '';
  return new DevenvError(
    'FINDINGS',
    errors.length === 1
      ? 'The doctor found an error in the declaration.'
      : `The doctor found ${errors.length} errors in the declaration.`,
    {
      details: [...lines, ...(errors.some(({ rule }) => rule === 'R01') ? budgetOf(topology) : [])],
      hint: `${fix}Nothing was started. \`devenv doctor\` tells more about each, and its fix.`,
      findings: errors,
    },
  );
}

/** The sum behind the sentence. */
const budgetOf = (topology: Topology): string[] => ['', ...renderBudgetTable(planBudget(topology))];

const asLine = ({ place, cause }: Finding): string =>
  `${place.kind === 'file' ? `${place.file}:${place.line}:${place.column}` : place.object}: ${cause}`;

import { DevenvError } from '../errors.ts';
import { planBudget, renderBudgetTable } from '../topology/budget.ts';
import type { Topology } from '../topology/model.ts';
import { findOverlaps } from '../topology/subjects.ts';

/** What the declaration alone already rules out; refused before anything is started, allocated or written. */
export function checkDeclaration(topology: Topology): void {
  refuseOverlaps(topology);
  refuseOverspending(topology);
}

function refuseOverlaps({ streams }: Topology): void {
  const overlaps = findOverlaps(streams);
  if (overlaps.length === 0) return;
  throw new DevenvError(
    'SUBJECTS_OVERLAP',
    'two streams would capture the same subject; NATS refuses the second one',
    {
      details: overlaps.map(
        ({ a, b, example }) =>
          `${a.stream} (${a.subject}) and ${b.stream} (${b.subject}) both capture "${example}"`,
      ),
      hint: 'Narrow the subjects of one of them in devenv.yaml until no subject is matched twice.',
    },
  );
}

function refuseOverspending(topology: Topology): void {
  const budget = planBudget(topology);
  if (budget.ok) return;
  throw new DevenvError(
    'BUDGET_EXCEEDED',
    'the streams reserve more than the server has: JetStream reserves max_bytes when a stream is made, even while it is empty',
    {
      details: renderBudgetTable(budget),
      hint: 'Lower max_bytes of a stream, or raise nats.max_file_store (or max_memory_store), in devenv.yaml.',
    },
  );
}

import { DevenvError } from '../errors.ts';
import { planBudget } from '../topology/budget.ts';
import { renderBudgetTable } from '../topology/budget-table.ts';
import type { Topology } from '../topology/model.ts';

/** What the declaration alone already rules out; refused before anything is started, allocated or written. */
export function refuseOverspending(topology: Topology): void {
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

import type { Draft } from './draft.ts';
import { entityProblems } from './entity-checks.ts';
import { type Problem, problem } from './problems.ts';
import { serviceProblems } from './service-checks.ts';

/**
 * What is wrong between values that are each right by themselves, and that only devenv minds. What NATS minds is told by
 * the rules of the doctor, which `up` asks before it starts anything.
 */
export const crossFieldProblems = (draft: Draft): Problem[] => [
  ...databaseProblems(draft),
  ...entityProblems(draft),
  ...serviceProblems(draft),
];

const databaseProblems = ({ postgres }: Draft): Problem[] =>
  postgres !== undefined && ['postgres', 'template0', 'template1'].includes(postgres.database)
    ? [
        problem(
          ['postgres', 'database'],
          `"${postgres.database}" belongs to Postgres itself; choose another name`,
        ),
      ]
    : [];

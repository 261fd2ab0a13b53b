import { expect, it } from 'vitest';
import { isUnfinished } from '../../../../src/runtime/docker/unfinished-database.ts';

const BEGUN = 'The files belonging to this database system will be owned by user "postgres".\n';
const FINISHED = '\nPostgreSQL init process complete; ready for start up.\n\n';

it.each([
  ['one that is being made', `${BEGUN}creating subdirectories ... ok\n`, true],
  ['one that was made', `${BEGUN}Success.\n${FINISHED}LOG:  database system is ready`, false],
  ['one that was made, after a restart', `${BEGUN}${FINISHED}Skipping initialization`, false],
  ['one that was there', 'PostgreSQL Database directory appears to contain a database; Skipping', false],
  ['one whose first start was cut short, after a restart', `${BEGUN}creating\nSkipping initialization`, true],
  ['an image with words of its own', 'Datenbank wird angelegt', false],
  ['nothing yet', '', false],
])('%s', (_name, log, expected) => {
  expect(isUnfinished(log)).toBe(expected);
});

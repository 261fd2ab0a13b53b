import { expect, test } from 'vitest';
import { entitiesSchema } from '../../../src/pipeline/entities/declaration.ts';
import {
  ConfigurationError,
  json,
  optionalPort,
  readEnvironment,
  VARIABLES,
  wholeNumber,
} from '../../../src/pipeline/environment.ts';
import { ORDER_ENTITY } from '../../helpers/pipeline-entities.ts';

const { NATS_URL, DATABASE_URL, PORT, LOG_LEVEL, SUBJECT_PREFIX } = VARIABLES;
const ENTITIES = json(entitiesSchema, 'a JSON array of entities');

const problemsOf = (read: () => unknown): readonly string[] => {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
};

test('every wrong variable is named with what was read and what was expected, and no password is repeated', () => {
  const problems = problemsOf(() =>
    readEnvironment(
      { NATS_URL, DATABASE_URL, PORT, LOG_LEVEL, SUBJECT_PREFIX },
      {
        DATABASE_URL: 'mysql://user:secret@host/db',
        PORT: '70000',
        LOG_LEVEL: 'loud',
        SUBJECT_PREFIX: 'messages.>',
      },
    ),
  );
  expect(problems).toEqual([
    'NATS_URL: not set, expected a URL like nats://user:password@host:4222, or several separated by commas',
    'DATABASE_URL: read "mysql://user:***@host/db", expected a URL like postgresql://user:password@host:5432/database',
    'PORT: read "70000", expected a port number, 0 to 65535',
    'LOG_LEVEL: read "loud", expected one of fatal, error, warn, info, debug, trace, silent',
    'SUBJECT_PREFIX: read "messages.>", expected a subject without wildcards, such as "messages.ingest"',
  ]);
});

test('an empty variable counts as unset, and defaults apply', () => {
  const variables = { PORT: optionalPort, LOG_LEVEL, LIMIT: wholeNumber(5, 1, 10) };
  expect(readEnvironment(variables, { LOG_LEVEL: '', LIMIT: '7' })).toEqual({ LOG_LEVEL: 'info', LIMIT: 7 });
});

test('ENTITIES are read with their defaults', () => {
  const { ENTITIES: entities } = readEnvironment({ ENTITIES }, { ENTITIES: JSON.stringify([ORDER_ENTITY]) });
  expect(entities).toEqual([ORDER_ENTITY]);
});

test('a fault inside ENTITIES is named with its place', () => {
  const broken = structuredClone(ORDER_ENTITY);
  (broken.fields[3] as { type: string }).type = 'money';
  broken.derived[0]!.key = ['line_number'];
  expect(problemsOf(() => readEnvironment({ ENTITIES }, { ENTITIES: JSON.stringify([broken]) }))).toEqual([
    'ENTITIES[0].fields[3].type: read "money", expected one of text, integer, bigint, numeric, boolean, date, timestamp, uuid, json',
  ]);
  expect(problemsOf(() => readEnvironment({ ENTITIES }, { ENTITIES: '[{' }))[0]).toMatch(
    /^ENTITIES: read "\[\{", expected a JSON array of entities \(.+\)$/,
  );
  expect(problemsOf(() => readEnvironment({ ENTITIES }, { ENTITIES: '{}' }))).toEqual([
    'ENTITIES: read "{}", expected a JSON array of entities',
  ]);
});

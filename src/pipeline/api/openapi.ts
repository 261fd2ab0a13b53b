import type { Entity, Field } from '../entities/declaration.ts';
import { STATUSES } from '../message-status.ts';

const id = { type: 'string', format: 'uuid' };
const time = { type: 'string', format: 'date-time' };
const nullable = (schema: { type: string }) => ({ ...schema, type: [schema.type, 'null'] });
const object = (properties: Record<string, object>, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
});
const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const answer = (description: string, schema?: object) => ({
  description,
  ...(schema && { content: { 'application/json': { schema } } }),
});
const problem = (description: string) => answer(description, reference('Problem'));
const unavailable = {
  ...problem('NATS or Postgres is away, or the stream is full. Nothing was done; try again.'),
  headers: { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds.' } },
};
const header = (name: string, description: string) => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string' },
});
const submissionHeaders = [
  header('x-entity-type', 'The entity type, when the body has no entity_type.'),
  header(
    'Idempotency-Key',
    'The same key is the same message: stored once, answered with the same message id.',
  ),
  header('x-source', 'Kept with the message.'),
  header('traceparent', 'W3C trace context; passed on with the message.'),
];

/** The OpenAPI 3.1 description of this API, with one schema per declared entity. */
export const openapi = (entities: readonly Entity[]): object => ({
  openapi: '3.1.0',
  info: {
    title: 'Ingestion API',
    version: '1.0.0',
    description: 'Takes messages over HTTP, stores them on a JetStream stream and tells what became of them.',
  },
  paths: {
    '/ingest/message': {
      post: {
        summary: 'Take one message',
        parameters: submissionHeaders,
        requestBody: { required: true, content: { 'application/json': { schema: bodySchema(entities) } } },
        responses: {
          202: answer('On the stream.', reference('Accepted')),
          400: problem('Not a JSON object, or no known entity type.'),
          413: problem('Larger than NATS max_payload.'),
          503: unavailable,
        },
      },
    },
    '/ingest/batch': {
      post: {
        summary: 'Take newline-delimited messages; each line succeeds or fails for itself',
        parameters: submissionHeaders,
        requestBody: { required: true, content: { 'application/x-ndjson': { schema: { type: 'string' } } } },
        responses: {
          207: answer('One result per line that is not blank.', reference('BatchResult')),
          400: problem('No line at all.'),
          413: problem('Larger than the batch limit.'),
          503: unavailable,
        },
      },
    },
    '/ingest/status/{message_id}': {
      get: {
        summary: 'Where a message is',
        parameters: [{ name: 'message_id', in: 'path', required: true, schema: id }],
        responses: {
          200: answer('Its status.', reference('Status')),
          400: problem('Not a UUID.'),
          404: problem('Unknown.'),
          503: unavailable,
        },
      },
    },
    '/healthz': { get: { summary: 'Is the process alive?', responses: { 200: answer('Yes.') } } },
    '/readyz': {
      get: {
        summary: 'Are NATS, the stream and Postgres there?',
        responses: {
          200: answer('All of them.', reference('Readiness')),
          503: answer('Something is missing.', reference('Readiness')),
        },
      },
    },
    '/metrics': { get: { summary: 'Prometheus metrics', responses: { 200: answer('Text format.') } } },
    '/openapi.json': { get: { summary: 'This description', responses: { 200: answer('OpenAPI 3.1.') } } },
  },
  components: {
    schemas: {
      Accepted: object({ message_id: id, status: { const: 'accepted' }, timestamp: time }),
      BatchResult: object({
        accepted: { type: 'integer' },
        rejected: { type: 'integer' },
        results: { type: 'array', items: reference('LineResult') },
      }),
      LineResult: object(
        {
          line: { type: 'integer', minimum: 1 },
          status: { enum: ['accepted', 'rejected'] },
          code: { type: 'integer' },
          message_id: id,
          error: { type: 'string' },
          message: { type: 'string' },
        },
        ['line', 'status', 'code'],
      ),
      Status: object({
        message_id: id,
        entity_type: { type: 'string' },
        status: { enum: STATUSES },
        received_at: time,
        processed_at: nullable(time),
        retry_count: { type: 'integer' },
        error_message: nullable({ type: 'string' }),
      }),
      Readiness: object({
        status: { enum: ['ready', 'not-ready'] },
        missing: { type: 'array', items: { type: 'string' } },
        checks: { type: 'object', additionalProperties: { type: 'string' } },
      }),
      Problem: object({ error: { type: 'string' }, message: { type: 'string' } }),
      ...Object.fromEntries(entities.map((entity) => [entity.name, entitySchema(entity)])),
    },
  },
});

const bodySchema = (entities: readonly Entity[]) =>
  entities.length === 0 ? { type: 'object' } : { anyOf: entities.map(({ name }) => reference(name)) };

const entitySchema = (entity: Entity) => ({
  type: 'object',
  properties: {
    entity_type: { const: entity.name },
    ...fieldSchemas(entity.fields),
    ...Object.fromEntries(
      entity.derived.map((child) => [
        child.from,
        {
          type: 'array',
          items: {
            type: 'object',
            properties: fieldSchemas(child.fields),
            required: requiredOf(child.fields),
          },
        },
      ]),
    ),
  },
  required: requiredOf(entity.fields),
});

const TYPES: Readonly<Record<Field['type'], object>> = {
  text: { type: 'string' },
  integer: { type: 'integer', format: 'int32' },
  bigint: { type: ['integer', 'string'], format: 'int64' },
  numeric: { type: ['number', 'string'] },
  boolean: { type: 'boolean' },
  date: { type: 'string', format: 'date' },
  timestamp: time,
  uuid: id,
  json: {},
};

const fieldSchemas = (fields: readonly Field[]) =>
  Object.fromEntries(fields.map(({ name, type }) => [name, TYPES[type]]));

const requiredOf = (fields: readonly Field[]) =>
  fields.filter(({ required }) => required).map(({ name }) => name);

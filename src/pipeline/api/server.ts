import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { TRACE_HEADERS } from '../dead-letter-headers.ts';
import type { Logger } from '../logger.ts';
import { errorText, UUID } from '../message-status.ts';
import type { Readiness } from '../readiness.ts';
import type { Ingestion, LineResult } from './ingestion.ts';
import type { Metrics } from './metrics.ts';
import { Problem } from './problem.ts';
import type { StatusReader } from './status-reader.ts';
import type { SubmissionContext } from './submission.ts';

export interface ServerParts {
  ingestion: Ingestion;
  readStatus: StatusReader;
  readiness: () => Promise<Readiness>;
  metrics: Metrics;
  openapi: object;
  log: Logger;
  /** Bytes of a batch body. */
  batchLimit: number;
}

/** NATS itself never takes more in one message. */
const LARGEST_PAYLOAD = 64 * 1024 * 1024;
const JSON_TYPE = 'application/json; charset=utf-8';

/** The HTTP side: routes, headers, statuses. Bodies arrive as bytes, whatever their content type says. */
export function createServer(parts: ServerParts): FastifyInstance {
  const { ingestion, metrics, log } = parts;
  const app = fastify({
    logger: false,
    bodyLimit: LARGEST_PAYLOAD,
    forceCloseConnections: 'idle',
    keepAliveTimeout: 72_000,
    exposeHeadRoutes: false,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  const measure = (route: string) => (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    metrics.duration.observe({ route, status: reply.statusCode }, reply.elapsedTime / 1000);
    if (log.isLevelEnabled('debug')) {
      log.debug({ route, status: reply.statusCode, ms: reply.elapsedTime, url: request.url }, 'request');
    }
    done();
  };
  const refuse = (reply: FastifyReply, problem: Problem) => {
    metrics.refused.inc({ error: problem.code });
    return reply.code(problem.status).headers(problem.headers).type(JSON_TYPE).send(JSON.stringify(problem));
  };

  app.post('/ingest/message', {
    onResponse: measure('/ingest/message'),
    // Before a byte of a body that is too large has been read.
    onRequest: async (request) => refuseTooLarge(request, ingestion.maxPayload),
    handler: async (request, reply) => {
      const context = contextOf(request);
      const { messageId, entityType } = await ingestion.accept(textOf(request), context);
      metrics.accepted.inc({ entity_type: entityType });
      reply.code(202).type(JSON_TYPE);
      return `{"message_id":"${messageId}","status":"accepted","timestamp":"${context.receivedAt}"}`;
    },
  });

  app.post('/ingest/batch', {
    bodyLimit: parts.batchLimit,
    onResponse: measure('/ingest/batch'),
    handler: async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const results = await ingestion.acceptLines(body, contextOf(request));
      if (results.length === 0) throw new Problem('INVALID_JSON', 'the body has no line of JSON');
      for (const result of results) {
        if ('problem' in result) metrics.refused.inc({ error: result.problem.code });
        else metrics.accepted.inc({ entity_type: result.submission.entityType });
      }
      reply.code(207).type(JSON_TYPE);
      return batchBody(results);
    },
  });

  app.get<{ Params: { id: string } }>('/ingest/status/:id', {
    onResponse: measure('/ingest/status/:id'),
    handler: async (request, reply) => {
      const { id } = request.params;
      if (!UUID.test(id)) throw new Problem('INVALID_MESSAGE_ID', 'a message id is a UUID');
      const row = await parts.readStatus(id.toLowerCase());
      if (row === undefined) throw new Problem('NOT_FOUND', `no message ${id}`);
      return reply.type(JSON_TYPE).send(JSON.stringify(row));
    },
  });

  app.get('/healthz', () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    const readiness = await parts.readiness();
    return reply.code(readiness.status === 'ready' ? 200 : 503).send(readiness);
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  app.get('/openapi.json', () => parts.openapi);

  app.setNotFoundHandler((request, reply) =>
    refuse(reply, new Problem('NOT_FOUND', `no route ${request.method} ${request.url}`)),
  );
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    if (error instanceof Problem) return refuse(reply, error);
    if (error.statusCode === 413) return refuse(reply, new Problem('TOO_LARGE', 'the body is too large'));
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return refuse(reply, new Problem('INVALID_REQUEST', error.message));
    }
    log.error({ url: request.url, reason: errorText(error), stack: error.stack }, 'request failed');
    return refuse(reply, new Problem('INTERNAL', 'unexpected error; see the log'));
  });
  return app;
}

function refuseTooLarge(request: FastifyRequest, limit: number): void {
  const length = Number(request.headers['content-length']);
  if (length > limit) {
    throw new Problem('TOO_LARGE', `the body is ${length} bytes; NATS takes at most ${limit} (max_payload)`);
  }
}

const textOf = ({ body }: FastifyRequest): string => (Buffer.isBuffer(body) ? body.toString('utf8') : '');

function contextOf(request: FastifyRequest): SubmissionContext {
  const trace: Record<string, string> = {};
  for (const name of TRACE_HEADERS) {
    const value = request.headers[name];
    // Node joins repeated headers; what NATS cannot carry on one line is left out.
    if (typeof value === 'string' && value.length <= 1024 && /^[\x20-\x7e]+$/.test(value))
      trace[name] = value;
  }
  return {
    entityType: single(request.headers['x-entity-type']),
    idempotencyKey: single(request.headers['idempotency-key']),
    source: single(request.headers['x-source'])?.slice(0, 200),
    trace,
    receivedAt: new Date().toISOString(),
  };
}

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

/** Written by hand: for ten thousand lines this is the larger part of the work. */
function batchBody(results: readonly LineResult[]): string {
  let accepted = 0;
  const lines = results.map((result) => {
    if ('problem' in result) {
      return JSON.stringify({
        line: result.line,
        status: 'rejected',
        code: result.problem.status,
        ...result.problem.toJSON(),
      });
    }
    accepted += 1;
    return `{"line":${result.line},"status":"accepted","code":202,"message_id":"${result.submission.messageId}"}`;
  });
  return `{"accepted":${accepted},"rejected":${results.length - accepted},"results":[${lines.join(',')}]}`;
}

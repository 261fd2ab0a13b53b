import { openDatabase } from '../database.ts';
import { entitiesSchema } from '../entities/declaration.ts';
import { json, NATS_VARIABLES, readEnvironment, VARIABLES, wholeNumber } from '../environment.ts';
import { createLogger } from '../logger.ts';
import { NatsLink } from '../nats-link.ts';
import { type Running, runService } from '../program.ts';
import { checkNats, checkPostgres, checkStream, createReadiness } from '../readiness.ts';
import { Ingestion } from './ingestion.ts';
import { createMetrics } from './metrics.ts';
import { openapi } from './openapi.ts';
import { Publisher } from './publisher.ts';
import { createServer } from './server.ts';
import { createStatusReader } from './status-reader.ts';
import { StatusRows } from './status-rows.ts';

/**
 * The ingestion API. It listens at once and stays up whatever is missing; `/readyz` names the missing part. It creates
 * neither streams nor tables.
 */
async function start(): Promise<Running> {
  const { DATABASE_URL, HOST, PORT, LOG_LEVEL, NATS_STREAM, SUBJECT_PREFIX } = VARIABLES;
  const variables = readEnvironment(
    {
      ...NATS_VARIABLES,
      ...{ DATABASE_URL, HOST, PORT, LOG_LEVEL, NATS_STREAM, SUBJECT_PREFIX },
      ENTITIES: json(entitiesSchema, 'a JSON array of entities'),
      BATCH_LIMIT_BYTES: wholeNumber(32 * 1024 * 1024, 1024, 1024 * 1024 * 1024),
    },
    process.env,
  );
  const log = createLogger('api', variables.LOG_LEVEL);
  const link = new NatsLink(variables, 'pipeline-api', log);
  const database = openDatabase(variables.DATABASE_URL, { program: 'pipeline-api', maxConnections: 4 }, log);
  const publisher = new Publisher(link, {
    stream: variables.NATS_STREAM,
    prefix: variables.SUBJECT_PREFIX,
    inboxPrefix: variables.NATS_INBOX_PREFIX,
  });
  const rows = new StatusRows(database, log);
  const entityNames = new Set(variables.ENTITIES.map(({ name }) => name));
  const app = createServer({
    ingestion: new Ingestion(link, rows, publisher, entityNames),
    readStatus: createStatusReader(database),
    readiness: createReadiness({
      nats: checkNats(link),
      stream: checkStream(link, variables.NATS_STREAM),
      postgres: checkPostgres(database),
    }),
    metrics: createMetrics(() => publisher.inFlight),
    openapi: openapi(variables.ENTITIES),
    log,
    batchLimit: variables.BATCH_LIMIT_BYTES,
  });
  const address = await app.listen({ host: variables.HOST, port: variables.PORT });
  log.info({ address }, 'listening');

  return {
    async stop() {
      log.info('draining');
      await app.close();
      publisher.close();
      await Promise.all([rows.close(), link.close()]);
      await database.end();
    },
  };
}

void runService(start);

import { openDatabase } from '../database.ts';
import { entitiesSchema } from '../entities/declaration.ts';
import { compileParser } from '../entities/parser.ts';
import {
  json,
  NATS_VARIABLES,
  optionalPort,
  readEnvironment,
  VARIABLES,
  wholeNumber,
} from '../environment.ts';
import { createLogger } from '../logger.ts';
import { NatsLink } from '../nats-link.ts';
import { type Running, runService } from '../program.ts';
import { checkCaptured, checkNats, checkPostgres, createReadiness } from '../readiness.ts';
import { Breaker } from './breaker.ts';
import { DeadLetters } from './dead-letters.ts';
import { watchExhausted } from './exhausted.ts';
import { Failures } from './failures.ts';
import { startHealthServer } from './health-server.ts';
import { InHand } from './in-hand.ts';
import { Intake } from './intake.ts';
import { createWorkerMetrics } from './metrics.ts';
import { Processor } from './processor.ts';
import { Store } from './store.ts';

function readVariables() {
  const { DATABASE_URL, HOST, LOG_LEVEL } = VARIABLES;
  const { NATS_STREAM, NATS_DLQ_STREAM, NATS_CONSUMER, SUBJECT_PREFIX, DLQ_SUBJECT_PREFIX } = VARIABLES;
  return readEnvironment(
    {
      ...NATS_VARIABLES,
      ...{ DATABASE_URL, HOST, LOG_LEVEL, PORT: optionalPort },
      ...{ NATS_STREAM, NATS_DLQ_STREAM, NATS_CONSUMER, SUBJECT_PREFIX, DLQ_SUBJECT_PREFIX },
      ENTITIES: json(entitiesSchema, 'a JSON array of entities'),
      WORKER_BATCH_SIZE: wholeNumber(250, 1, 10_000),
      WORKER_LOCK_TIMEOUT_MS: wholeNumber(400, 1, 60_000),
    },
    process.env,
  );
}

/**
 * The worker. It waits for its consumer, which somebody else declares, and stays up whatever is missing; `/readyz`
 * names the missing part. It creates neither streams, nor consumers, nor tables.
 */
async function start(): Promise<Running> {
  const variables = readVariables();
  const log = createLogger('worker', variables.LOG_LEVEL);
  const { NATS_STREAM: stream, NATS_DLQ_STREAM: dlqStream, NATS_CONSUMER: consumer } = variables;
  const link = new NatsLink(variables, 'pipeline-worker', log);
  const database = openDatabase(
    variables.DATABASE_URL,
    { program: 'pipeline-worker', maxConnections: 4, pipeline: true },
    log,
  );
  const store = new Store(database, variables.ENTITIES);
  const breaker = new Breaker(database, log);
  const parsers = new Map(variables.ENTITIES.map((entity) => [entity.name, compileParser(entity)]));
  const deadLetters = new DeadLetters(link, {
    stream: dlqStream,
    ingestPrefix: variables.SUBJECT_PREFIX,
    deadLetterPrefix: variables.DLQ_SUBJECT_PREFIX,
  });
  const window = variables.WORKER_BATCH_SIZE * 2;

  const metrics = createWorkerMetrics({ inHand: () => inHand.size, isPaused: () => breaker.isOpen });
  const intake: Intake = new Intake(link, { stream, consumer, window }, log, {
    message: (message) => processor.take(message),
    room: () => (breaker.isOpen ? 0 : window - inHand.size),
  });
  const policy = () => intake.policy;
  const inHand = new InHand(policy, () => intake.resume());
  const failures = new Failures({ stream, store, breaker, deadLetters, inHand, policy, metrics, log });
  const processor = new Processor(
    { store, breaker, failures, inHand, parsers, metrics, log },
    { batchSize: variables.WORKER_BATCH_SIZE, lockTimeoutMs: variables.WORKER_LOCK_TIMEOUT_MS },
  );
  watchExhausted({ stream, consumer, link, deadLetters, inHand, store, breaker, parsers, log });

  const { HOST: host, PORT: port } = variables;
  const readiness = createReadiness({
    nats: checkNats(link),
    consumer: async () => {
      if (intake.problem !== undefined) throw new Error(intake.problem);
    },
    dlq: checkCaptured(link, dlqStream, variables.DLQ_SUBJECT_PREFIX),
    postgres: checkPostgres(database),
  });
  const server =
    port === undefined
      ? undefined
      : await startHealthServer({ host, port }, { readiness, registry: metrics.registry });
  log.info({ address: server?.address() }, 'listening');
  const intaking = intake.run();
  const processing = processor.run();

  return {
    async stop() {
      log.info('draining');
      server?.close();
      server?.closeAllConnections();
      await intake.stop();
      await intaking;
      breaker.stop();
      processor.stop();
      await processing;
      await failures.close();
      inHand.close();
      await link.close();
      await database.end();
    },
  };
}

void runService(start);

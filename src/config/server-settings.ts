import * as z from 'zod';
import { choice, identifier, image, orWord, path, positiveDuration, size, whole } from './scalars.ts';
import { section } from './section.ts';

/** `nats:`, `postgres:` and `node:`: what the servers are and how much they may take. */
export const natsSettings = section({
  version: z
    .string({ error: 'expected three numbers with dots, such as 2.15.1' })
    .regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, {
      error: 'not allowed; expected three numbers with dots, such as 2.15.1',
    })
    .prefault('2.15.1')
    .describe('Version of nats-server. The process runtime takes any server from 2.10 on that it finds.'),
  image: image().optional().describe('Image of the docker runtime. Default: nats:<version>-alpine'),
  binary: path()
    .optional()
    .describe('A nats-server to use on the process runtime instead of looking for one.'),
  max_memory_store: size({ zero: true })
    .prefault('256MiB')
    .describe('What all memory streams together may reserve.'),
  max_file_store: size()
    .prefault('2GiB')
    .describe('What all file streams together may reserve: at least the sum of their max_bytes.'),
  sync_interval: orWord(
    'always',
    'always' as const,
    positiveDuration(),
    'a duration with its unit, such as 2m,',
  )
    .prefault('2m')
    .describe('How often file streams are synced to disk: a duration, or "always" for after every write.'),
  servers: z
    .union([z.literal(1), z.literal(3), z.literal(5)], {
      error: 'expected 1, 3 or 5: a cluster needs a majority to agree',
    })
    .prefault(1)
    .describe('How many servers; more than one form a cluster. Each has the stores above for itself.'),
  tls: z
    .union(
      [
        z.boolean(),
        section({
          verify_clients: z
            .boolean({ error: 'expected true or false' })
            .prefault(false)
            .describe('Clients have to show a certificate of the same authority.'),
        }),
      ],
      { error: 'expected true, false, or a map with verify_clients' },
    )
    .prefault(false)
    .describe(
      'Encrypt connections, with certificates of an authority that devenv makes for the environment.',
    ),
  limits: section({
    // 64 MB is the hard limit of nats-server (MAX_PAYLOAD_MAX_SIZE).
    max_payload: size({ max: 64 * 2 ** 20, most: '64MiB' })
      .prefault('1MiB')
      .describe('The largest message.'),
    max_pending: size()
      .prefault('64MiB')
      .describe('What may wait for a slow client before it is cut off; at least max_payload.'),
    max_connections: whole({ max: 1_000_000 }).prefault(65_536).describe('Clients at the same time.'),
  })
    .prefault({})
    .describe('Limits of the server for clients and messages.'),
});

const MAJOR_EXPECTED = 'expected a major version, such as 18';

export const postgresSettings = section({
  version: z
    .union([z.string().regex(/^[1-9]\d$/, { error: MAJOR_EXPECTED }), whole({ min: 10, max: 99 })], {
      error: MAJOR_EXPECTED,
    })
    .prefault(18)
    .transform(String)
    .describe('Major version of Postgres.'),
  image: image().optional().describe('Image of the docker runtime. Default: postgres:<version>-alpine'),
  database: identifier()
    .prefault('devenv')
    .describe('The database that the services share; created at the first start.'),
  sql: path()
    .optional()
    .describe('Folder of *.sql files, applied in name order, once each, before the services start.'),
});

export const nodeSettings = section({
  image: image()
    .prefault('node:22-alpine')
    .describe('Image in which built-in and command services run on the docker runtime.'),
});

export const runtimeChoice = choice(['auto', 'docker', 'process']);

import * as z from 'zod';
import { ACCOUNT_NAME, accountSettings } from './account-settings.ts';
import { doctorSettings } from './doctor-settings.ts';
import { entitySettings } from './entity-settings.ts';
import { list, mapByName, projectName, SERVICE_NAME, subjectPattern, text, whole } from './scalars.ts';
import { section } from './section.ts';
import { natsSettings, nodeSettings, postgresSettings, runtimeChoice } from './server-settings.ts';
import { serviceSettings } from './service-settings.ts';
import {
  SHIPPED_CONSUMERS,
  SHIPPED_ENTITIES,
  SHIPPED_SERVICES,
  SHIPPED_STREAMS,
} from './shipped-pipeline.ts';
import { consumerSettings, familySettings, streamSettings } from './stream-settings.ts';

const port = whole({ max: 65_535 });

/**
 * devenv.yaml. This one schema is the source of the types, the validation, the defaults and the JSON Schema, and the
 * documented environment variables point into it. A section of settings (nats, postgres, node, ports) is merged with
 * its defaults key by key; a section that lists things (streams, consumers, entities, services) replaces its default.
 */
export const settingsSchema = section({
  project: projectName().optional().describe('Name of the project. Default: the name of its folder.'),
  runtime: runtimeChoice
    .prefault('auto')
    .describe('Where services run. auto: docker when an engine answers, else process.'),
  nats: natsSettings.prefault({}).describe('The NATS server.'),
  postgres: postgresSettings.prefault({}).describe('The Postgres server.'),
  node: nodeSettings.prefault({}).describe('Node for services on the docker runtime.'),
  accounts: mapByName(ACCOUNT_NAME, accountSettings, 'accounts by name')
    .prefault({})
    .describe(
      "Accounts, each with its own subjects and streams. Default: the server's own one, $G, beside the system account.",
    ),
  system_account: text(ACCOUNT_NAME).prefault('SYS').describe('The account that monitoring reads through.'),
  streams: list(streamSettings, 'streams').prefault(SHIPPED_STREAMS).describe('JetStream streams.'),
  families: list(familySettings, 'families')
    .prefault([])
    .describe('Families of streams: one for each channel, tenant, …'),
  core_subjects: list(subjectPattern(), 'subjects')
    .prefault([])
    .describe('Subjects that travel over core NATS and are kept by no stream.'),
  consumers: list(consumerSettings, 'consumers').prefault(SHIPPED_CONSUMERS).describe('Durable consumers.'),
  entities: list(entitySettings, 'entities')
    .prefault(SHIPPED_ENTITIES)
    .describe('What the shipped pipeline takes in, and the tables it writes.'),
  services: mapByName(SERVICE_NAME, serviceSettings, 'services by name')
    .prefault(SHIPPED_SERVICES)
    .describe('Programs by name.'),
  doctor: doctorSettings.prefault({}).describe('What `devenv doctor` reads beside this file.'),
  ports: z
    .object(
      {
        nats: port.prefault(4222),
        'nats-monitor': port.prefault(8222),
        postgres: port.prefault(5432),
      },
      { error: 'expected a map of port names to numbers' },
    )
    .catchall(port)
    .prefault({})
    .describe(
      'Preferred ports on 127.0.0.1, by port or service name; a free one is taken when one is not to be had.',
    ),
});

/** After defaults: sizes in bytes, durations in milliseconds, paths as written. */
export type Settings = z.output<typeof settingsSchema>;

import * as z from 'zod';
import { entitySettings } from './entity-settings.ts';
import { list, mapByName, projectName, SERVICE_NAME, whole } from './scalars.ts';
import { section } from './section.ts';
import { natsSettings, nodeSettings, postgresSettings, runtimeChoice } from './server-settings.ts';
import { serviceSettings } from './service-settings.ts';
import {
  SHIPPED_CONSUMERS,
  SHIPPED_ENTITIES,
  SHIPPED_SERVICES,
  SHIPPED_STREAMS,
} from './shipped-pipeline.ts';
import { consumerSettings, streamSettings } from './stream-settings.ts';

// A file is parsed once per process, so compiling each section to a function costs more than it saves.
z.config({ jitless: true });

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
  streams: list(streamSettings, 'streams').prefault(SHIPPED_STREAMS).describe('JetStream streams.'),
  consumers: list(consumerSettings, 'consumers').prefault(SHIPPED_CONSUMERS).describe('Durable consumers.'),
  entities: list(entitySettings, 'entities')
    .prefault(SHIPPED_ENTITIES)
    .describe('What the shipped pipeline takes in, and the tables it writes.'),
  services: mapByName(SERVICE_NAME, serviceSettings, 'services by name')
    .prefault(SHIPPED_SERVICES)
    .describe('Programs by name.'),
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

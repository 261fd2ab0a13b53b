import type { Path } from './problems.ts';

/** A setting that an environment variable can give. */
export interface EnvironmentVariable {
  name: string;
  description: string;
  /** What it sets in devenv.yaml; null when it is no part of that file. */
  path: Path | null;
  /** Shown in .env.example where the schema has no default. */
  example?: string;
  /** The text of the variable as the schema wants it. */
  parse: (text: string) => unknown;
}

const text = (value: string): unknown => value;
/** What is no number is passed on, for the schema to refuse. */
const number = (value: string): unknown => (/^\d{1,15}$/.test(value) ? Number(value) : value);

const flag = (value: string): unknown => (value === 'true' ? true : value === 'false' ? false : value);

/** Every DEVENV_* variable that is read as a setting. `.env.example` is made of this list. */
export const ENVIRONMENT_VARIABLES: readonly EnvironmentVariable[] = [
  {
    name: 'DEVENV_NAME',
    description: 'Name of the environment, to run several beside each other. Default: the project name.',
    path: null,
    example: 'my-project',
    parse: text,
  },
  {
    name: 'DEVENV_PROJECT',
    description: 'Name of the project. Default: the name of its folder.',
    path: ['project'],
    example: 'my-project',
    parse: text,
  },
  {
    name: 'DEVENV_RUNTIME',
    description: 'Where services run: auto, docker or process.',
    path: ['runtime'],
    parse: text,
  },
  {
    name: 'DEVENV_NATS_VERSION',
    description: 'Version of nats-server.',
    path: ['nats', 'version'],
    parse: text,
  },
  {
    name: 'DEVENV_NATS_IMAGE',
    description: 'Image of nats-server (docker runtime).',
    path: ['nats', 'image'],
    example: 'nats:2.15.1-alpine',
    parse: text,
  },
  {
    name: 'DEVENV_NATS_SERVER',
    description: 'Path of a nats-server to use (process runtime).',
    path: ['nats', 'binary'],
    example: '/usr/local/bin/nats-server',
    parse: text,
  },
  {
    name: 'DEVENV_NATS_SERVERS',
    description: 'How many servers: 1, 3 or 5. More than one form a cluster.',
    path: ['nats', 'servers'],
    parse: number,
  },
  {
    name: 'DEVENV_NATS_TLS',
    description: 'Encrypt connections to NATS: true or false.',
    path: ['nats', 'tls'],
    parse: flag,
  },
  {
    name: 'DEVENV_NATS_MAX_MEMORY_STORE',
    description: 'What all memory streams together may reserve.',
    path: ['nats', 'max_memory_store'],
    parse: text,
  },
  {
    name: 'DEVENV_NATS_MAX_FILE_STORE',
    description: 'What all file streams together may reserve.',
    path: ['nats', 'max_file_store'],
    parse: text,
  },
  {
    name: 'DEVENV_NATS_SYNC_INTERVAL',
    description: 'How often file streams are synced to disk: a duration or always.',
    path: ['nats', 'sync_interval'],
    parse: text,
  },
  {
    name: 'DEVENV_NATS_MAX_PAYLOAD',
    description: 'The largest message.',
    path: ['nats', 'limits', 'max_payload'],
    parse: text,
  },
  {
    name: 'DEVENV_NATS_MAX_PENDING',
    description: 'What may wait for a slow client before it is cut off.',
    path: ['nats', 'limits', 'max_pending'],
    parse: text,
  },
  {
    name: 'DEVENV_NATS_MAX_CONNECTIONS',
    description: 'Clients at the same time.',
    path: ['nats', 'limits', 'max_connections'],
    parse: number,
  },
  {
    name: 'DEVENV_POSTGRES_VERSION',
    description: 'Major version of Postgres.',
    path: ['postgres', 'version'],
    parse: text,
  },
  {
    name: 'DEVENV_POSTGRES_IMAGE',
    description: 'Image of Postgres (docker runtime).',
    path: ['postgres', 'image'],
    example: 'postgres:18-alpine',
    parse: text,
  },
  {
    name: 'DEVENV_POSTGRES_DATABASE',
    description: 'The database that the services share.',
    path: ['postgres', 'database'],
    parse: text,
  },
  {
    name: 'DEVENV_POSTGRES_SQL',
    description: 'Folder of *.sql files, applied once each before the services start.',
    path: ['postgres', 'sql'],
    example: 'sql',
    parse: text,
  },
  {
    name: 'DEVENV_NODE_IMAGE',
    description: 'Image for built-in and command services (docker runtime).',
    path: ['node', 'image'],
    parse: text,
  },
  {
    name: 'DEVENV_PORT_NATS',
    description: 'Preferred port of NATS on 127.0.0.1.',
    path: ['ports', 'nats'],
    parse: number,
  },
  {
    name: 'DEVENV_PORT_NATS_MONITOR',
    description: 'Preferred port of NATS monitoring.',
    path: ['ports', 'nats-monitor'],
    parse: number,
  },
  {
    name: 'DEVENV_PORT_POSTGRES',
    description: 'Preferred port of Postgres.',
    path: ['ports', 'postgres'],
    parse: number,
  },
  {
    name: 'DEVENV_PORT_API',
    description: 'Preferred port of the service "api".',
    path: ['ports', 'api'],
    example: '8080',
    parse: number,
  },
  {
    name: 'DEVENV_PORT_WORKER',
    description:
      'Preferred port of the service "worker". Every service has such a variable: DEVENV_PORT_<NAME>, with _ for -.',
    path: ['ports', 'worker'],
    example: '8081',
    parse: number,
  },
];

/** The variable that sets the preferred port of a service: `order-router` → `DEVENV_PORT_ORDER_ROUTER`. */
export const portVariable = (service: string): EnvironmentVariable => ({
  name: `DEVENV_PORT_${service.toUpperCase().replaceAll('-', '_')}`,
  description: `Preferred port of the service "${service}".`,
  path: ['ports', service],
  parse: number,
});

/** Variables that other rooms read straight from the process; listed here so that one file documents all of them. */
export const PROCESS_VARIABLES: readonly { name: string; description: string; example: string }[] = [
  {
    name: 'DEVENV_STATE_HOME',
    description: 'Folder for what all environments of this machine share, e.g. port leases.',
    example: '~/.local/state/devenv',
  },
  {
    name: 'DEVENV_NATS_RELEASES',
    description: 'Base URL of a mirror of the nats-server releases (process runtime).',
    example: 'https://mirror.example/nats-server',
  },
];

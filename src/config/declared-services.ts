import { resolve } from 'node:path';
import type { Account, Consumer, Health, Role, Service, ServiceSource, Stream } from '../topology/model.ts';
import { covers } from '../topology/subjects.ts';
import { toRole } from './declared-accounts.ts';
import { toCreated } from './declared-streams.ts';
import type { ServiceSettings } from './service-settings.ts';
import { BUILTIN } from './shipped-pipeline.ts';

/** What a service's declaration is read against. */
export interface Surroundings {
  accounts: readonly Account[];
  systemAccount: Account;
  streams: readonly Stream[];
  consumers: readonly Consumer[];
  ports: Readonly<Record<string, number>>;
  projectDir: string;
}

export function toService(name: string, settings: ServiceSettings, around: Surroundings): Service {
  const { ports, projectDir } = around;
  const builtin = settings.builtin === undefined ? undefined : BUILTIN[settings.builtin];
  const container = settings.port ?? builtin?.port;
  const user = settings.user ?? name;
  const declared = [...around.accounts, around.systemAccount].find(({ users }) =>
    users.some((one) => one.name === user),
  );
  return {
    name,
    account: settings.account ?? declared?.name ?? around.accounts[0]?.name ?? '',
    user,
    source: toSource(settings, projectDir),
    environment: settings.environment,
    ...(container !== undefined && {
      port: { container, preferred: (Object.hasOwn(ports, name) ? ports[name] : undefined) ?? container },
    }),
    health: toHealth(settings.health ?? builtin?.health ?? (container === undefined ? 'none' : 'tcp')),
    ...roleOf(settings, around),
    // Its client has to agree with the permissions of whom it logs in as.
    inboxPrefix: settings.inbox_prefix ?? inboxPrefixOf(declared, user),
    ...(settings.max_reconnects !== undefined && { maxReconnects: settings.max_reconnects }),
    creates: toCreated(settings.creates),
  };
}

const inboxPrefixOf = (account: Account | undefined, user: string): string =>
  account?.users.find(({ name }) => name === user)?.inboxPrefix ?? '_INBOX';

/** Of a built-in program what is not said is known. */
function roleOf(settings: ServiceSettings, { streams, consumers }: Surroundings): Role {
  const role = toRole(settings, streams);
  if (settings.builtin === undefined) return role;
  const builtin = BUILTIN[settings.builtin];
  const publishes = settings.publishes === undefined ? builtin.publishes : role.publishes;
  if (settings.builtin === 'api') return { ...role, publishes };
  // The worker reads through a consumer; subjects say which stream's.
  const reads = settings.subscribes ?? BUILTIN.worker.subscribes;
  const source = reads
    .map((subject) => streams.find(({ subjects }) => subjects.some((pattern) => covers(pattern, subject))))
    .find((stream) => stream !== undefined);
  const consumer = consumers.find(({ stream }) => stream === source?.name);
  const known = consumer === undefined ? [] : [{ stream: consumer.stream, consumer: consumer.name }];
  return { ...role, publishes, subscribes: [], works: settings.works === undefined ? known : role.works };
}

function toSource(
  { builtin, image, build, command, cwd }: ServiceSettings,
  projectDir: string,
): ServiceSource {
  const override = command === undefined ? {} : { command };
  if (builtin !== undefined) return { kind: 'builtin', program: builtin };
  if (image !== undefined) return { kind: 'image', image, ...override };
  if (build !== undefined) {
    const context = resolve(projectDir, build.context);
    const dockerfile = 'dockerfile' in build ? build.dockerfile : undefined;
    return {
      kind: 'build',
      context,
      ...(dockerfile !== undefined && { dockerfile: resolve(context, dockerfile) }),
      ...override,
    };
  }
  if (command !== undefined) return { kind: 'command', command, cwd: resolve(projectDir, cwd ?? '.') };
  throw new Error('a service without a source passed the checks');
}

function toHealth(health: string): Health {
  if (health === 'tcp' || health === 'none') return { kind: health };
  return { kind: 'http', path: health };
}

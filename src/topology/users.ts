import type { Account, Role, Topology, User } from './model.ts';

/** Everybody who may log in to the servers. */
export interface NatsUser extends User {
  /**
   * `admin`: devenv itself, everything allowed within its account. `monitor`: reads the servers through the system
   * account. `service`: made for one service. `declared`: stands in devenv.yaml.
   */
  kind: 'admin' | 'monitor' | 'service' | 'declared';
  /** Services that log in as it. */
  services: readonly string[];
}

const NO_ROLE: Role = {
  publishes: [],
  subscribes: [],
  works: [],
  requests: [],
  serves: [],
  observes: [],
  inboxPrefix: '_INBOX',
};

/** devenv's own user in an account: `devenv` in the first one, `devenv-<account>` in the others. */
export const adminName = ({ accounts }: Pick<Topology, 'accounts'>, account: string): string =>
  accounts[0]?.name === account ? 'devenv' : `devenv-${account}`;

/** The user that monitoring logs in as, in the system account. */
export const MONITOR_USER = 'monitor';

/**
 * Admins first, then the monitor, declared users, and one user for each service that names no declared one. A service
 * that logs in as a declared user adds its role to that user's.
 */
export function natsUsers(topology: Topology): readonly NatsUser[] {
  const { accounts, systemAccount, services } = topology;
  const admins = accounts.map(
    ({ name: account }): NatsUser => ({
      ...NO_ROLE,
      name: adminName(topology, account),
      account,
      auth: 'password',
      kind: 'admin',
      services: [],
    }),
  );
  const monitor: NatsUser = {
    ...NO_ROLE,
    name: MONITOR_USER,
    account: systemAccount.name,
    auth: 'password',
    kind: 'monitor',
    services: [],
  };
  const declared = [...accounts, systemAccount].flatMap((account: Account) => account.users);
  const ofServices = services
    .filter(({ user }) => !declared.some(({ name }) => name === user))
    .map(({ name, user, account, ...role }): NatsUser => {
      return { ...onlyRole(role), name: user, account, auth: 'password', kind: 'service', services: [name] };
    });
  return [
    ...admins,
    monitor,
    ...declared.map((user): NatsUser => {
      const using = services.filter((service) => service.user === user.name);
      const role = using.reduce<Role>(joined, user);
      return { ...user, ...onlyRole(role), kind: 'declared', services: using.map(({ name }) => name) };
    }),
    ...ofServices,
  ];
}

const onlyRole = ({ publishes, subscribes, works, requests, serves, observes, inboxPrefix }: Role): Role => ({
  publishes,
  subscribes,
  works,
  requests,
  serves,
  observes,
  inboxPrefix,
});

const joined = (a: Role, b: Role): Role => ({
  publishes: union(a.publishes, b.publishes),
  subscribes: union(a.subscribes, b.subscribes),
  works: [...a.works, ...b.works],
  requests: union(a.requests, b.requests),
  serves: union(a.serves, b.serves),
  observes: union(a.observes, b.observes),
  inboxPrefix: a.inboxPrefix,
});

const union = (a: readonly string[], b: readonly string[]): string[] => [...new Set([...a, ...b])];

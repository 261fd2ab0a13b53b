import type { Account, JetStreamLimits, Role, Stream, User, Work } from '../topology/model.ts';
import { present } from '../topology/present.ts';
import type { AccountSettings } from './account-settings.ts';
import { streamsCalled } from './declared-streams.ts';
import { modelKeys } from './model-keys.ts';
import { withoutPlaceholders } from './placeholders.ts';
import type { RoleSettings, WorkSettings } from './role-settings.ts';
import type { Settings } from './settings.ts';

/** The server's own account, in which everything is when none is declared. */
export const GLOBAL_ACCOUNT = '$G';

const UNLIMITED: JetStreamLimits = { maxMemory: -1, maxFile: -1, maxStreams: -1, maxConsumers: -1 };

/** Names of the accounts that hold streams and services, in the order of declaration; at least one. */
export function accountNames({ accounts, system_account }: Settings): [string, ...string[]] {
  const [first, ...others] = Object.keys(accounts).filter((name) => name !== system_account);
  return first === undefined ? [GLOBAL_ACCOUNT] : [first, ...others];
}

export function declaredAccounts(
  settings: Settings,
  streams: readonly Stream[],
): { accounts: Account[]; systemAccount: Account } {
  const declared = (name: string): AccountSettings | undefined =>
    Object.hasOwn(settings.accounts, name) ? settings.accounts[name] : undefined;
  const system = settings.system_account;
  return {
    accounts: accountNames(settings).map((name) => ({
      name,
      jetstream: toLimits(declared(name)?.jetstream),
      users: usersOf(name, declared(name), streams),
    })),
    // A server refuses JetStream in its system account.
    systemAccount: { name: system, jetstream: null, users: usersOf(system, declared(system), streams) },
  };
}

function toLimits(limits: AccountSettings['jetstream'] | undefined): JetStreamLimits | null {
  if (limits === undefined) return UNLIMITED;
  if (limits === false) return null;
  return modelKeys(limits);
}

const usersOf = (
  account: string,
  settings: AccountSettings | undefined,
  streams: readonly Stream[],
): User[] =>
  Object.entries(settings?.users ?? {}).map(([name, { auth, ...role }]) => ({
    name,
    account,
    auth,
    ...toRole(role, streams),
  }));

/** What is not said is not done. */
export const toRole = (role: RoleSettings, streams: readonly Stream[]): Role => ({
  publishes: withoutPlaceholders(role.publishes ?? [], streams),
  subscribes: withoutPlaceholders(role.subscribes ?? [], streams),
  works: (role.works ?? []).flatMap((work) => toWorks(work, streams)),
  requests: withoutPlaceholders(role.requests ?? [], streams),
  serves: withoutPlaceholders(role.serves ?? [], streams),
  observes: (role.observes ?? []).flatMap((name) => streamsCalled(name, streams).map((one) => one.name)),
  inboxPrefix: role.inbox_prefix ?? '_INBOX',
  ...present({ messageIds: role.message_ids }),
});

function toWorks({ consumer: path, ...settings }: WorkSettings, streams: readonly Stream[]): Work[] {
  const [stream = '', consumer = ''] = path.split('/');
  return streamsCalled(stream, streams).map(({ name }) => ({
    stream: name,
    consumer,
    ...present(modelKeys(settings)),
  }));
}

import { patternProblem } from '../topology/subjects.ts';
import {
  block,
  comment,
  duration,
  type Field,
  field,
  integer,
  list,
  map,
  type Statement,
  text,
  unfit,
} from './nats-conf-syntax.ts';

/** Somebody who may log in: by password, in clear text or as a bcrypt hash, or by a key of which the server knows the public half. */
export type ConfUser = {
  /** For messages only when there is a key. */
  user: string;
  /** Absent or null = everything within the account. */
  permissions?: ConfPermissions | null;
} & ({ password: string } | { nkey: string });

export interface ConfPermissions {
  publish: SubjectRules;
  subscribe: SubjectRules;
  /** May answer whoever asks, wherever the answer goes. */
  allowResponses: boolean;
}

/** Nothing that `allow` does not name. */
export interface SubjectRules {
  allow: readonly string[];
  deny: readonly string[];
}

export interface ConfAccount {
  name: string;
  /** Bytes and counts, -1 = no limit of its own; null = no JetStream. */
  jetstream: { maxMemory: number; maxFile: number; maxStreams: number; maxConsumers: number } | null;
  users: readonly ConfUser[];
}

export interface ConfAccess {
  /** Who is in the server's own account `$G`; empty when everybody is in an account of the file. */
  users: readonly ConfUser[];
  accounts?: readonly ConfAccount[];
  /** One of `accounts`. */
  systemAccount?: string;
}

/** Who may connect, and what each of them may do. */
export function access({ users, accounts = [], systemAccount }: ConfAccess): Statement[] {
  const everybody = [...users, ...accounts.flatMap((account) => account.users)];
  if (everybody.length === 0) throw unfit('The list of users', 'it is empty, and then anybody could connect');
  requireDistinct(everybody);
  if (systemAccount !== undefined && !accounts.some(({ name }) => name === systemAccount))
    throw unfit(`The system account "${systemAccount}"`, 'there is no account of that name');
  return [
    ...(users.length === 0
      ? []
      : [
          block(
            'authorization',
            [field('users', list(users.map(userEntry)))],
            "Who may connect, in the server's own account $G.",
          ),
        ]),
    ...(accounts.length === 0 ? [] : [accountsBlock(accounts)]),
    ...(systemAccount === undefined
      ? []
      : [field('system_account', text(systemAccount, 'The system account'), 'Reads the server itself.')]),
  ];
}

/** The CONNECT line that carries user and password must fit the server's max_control_line of 4096 bytes. */
const MAX_CREDENTIALS = 3_000;

function requireDistinct(users: readonly ConfUser[]): void {
  const names = new Set<string>();
  for (const one of users) {
    const name = 'nkey' in one ? one.nkey : one.user;
    // Over all accounts: the server looks a user up before it knows an account.
    if (names.has(name)) throw unfit(`The user "${one.user}"`, 'there are two of that name');
    names.add(name);
    if ('nkey' in one) {
      if (!/^U[A-Z2-7]{55}$/.test(one.nkey))
        throw unfit(`The key of the user "${one.user}"`, 'it is no public nkey of a user (U…)');
      continue;
    }
    if (one.user === '' || one.password === '')
      throw unfit(`The user "${one.user}"`, 'name and password must not be empty');
    if (new TextEncoder().encode(JSON.stringify([one.user, one.password])).length > MAX_CREDENTIALS)
      throw unfit('A user', `name and password must be shorter than ${MAX_CREDENTIALS} bytes to log in with`);
  }
}

function userEntry(one: ConfUser) {
  const { user, permissions = null } = one;
  const login =
    'nkey' in one
      ? [field('nkey', text(one.nkey, `The key of "${user}"`))]
      : [
          field('user', text(user, 'A user name')),
          field('password', text(one.password, `The password of "${user}"`)),
        ];
  return map([...login, ...(permissions === null ? [] : [permissionsField(user, permissions)])]);
}

function permissionsField(user: string, { publish, subscribe, allowResponses }: ConfPermissions): Field {
  return field(
    'permissions',
    map([
      field('publish', rules(publish, `what "${user}" publishes`)),
      field('subscribe', rules(subscribe, `what "${user}" subscribes to`)),
      ...(allowResponses ? [field('allow_responses', ANY_ANSWERS)] : []),
    ]),
  );
}

/** `true` would mean a single answer. Within which time: the server's own default, because it remembers each request so long. */
const ANY_ANSWERS = map([
  field('max', integer(-1, 'allow_responses.max', { min: -1, max: -1 })),
  field('expires', duration(120_000, 'allow_responses.expires')),
]);

/** To the server an empty `allow` means everything; here it means nothing. */
function rules({ allow, deny }: SubjectRules, what: string) {
  if (allow.length === 0) return map([field('deny', list([text('>', what)]))]);
  const subjects = (patterns: readonly string[]) => list(patterns.map((pattern) => subject(pattern, what)));
  return map([
    field('allow', subjects(allow)),
    ...(deny.length === 0 ? [] : [field('deny', subjects(deny))]),
  ]);
}

function subject(pattern: string, what: string) {
  const problem = patternProblem(pattern);
  if (problem !== null) throw unfit(`The subject "${pattern}" in ${what}`, problem);
  return text(pattern, `The subject "${pattern}"`);
}

function accountsBlock(accounts: readonly ConfAccount[]): Statement {
  const names = new Set<string>();
  for (const { name } of accounts) {
    if (names.has(name)) throw unfit(`The account "${name}"`, 'there are two of that name');
    names.add(name);
  }
  return block(
    'accounts',
    accounts.map(({ name, jetstream, users }) =>
      block(name, [
        ...jetStream(jetstream, name),
        users.length === 0
          ? comment('Nobody logs in to this account.')
          : field('users', list(users.map(userEntry))),
      ]),
    ),
    'Each account sees its own subjects and its own streams only.',
  );
}

function jetStream(limits: ConfAccount['jetstream'], account: string): Statement[] {
  if (limits === null) return [];
  const entries = [
    ['max_mem', limits.maxMemory],
    ['max_file', limits.maxFile],
    ['max_streams', limits.maxStreams],
    ['max_consumers', limits.maxConsumers],
  ] as const;
  const set = entries.filter(([, value]) => value !== -1);
  if (set.length === 0)
    return [field('jetstream', text('enabled', 'jetstream'), 'Within the limits of the server.')];
  return [
    block(
      'jetstream',
      set.map(([name, value]) =>
        field(
          name,
          integer(value, `${name} of the account "${account}"`, { min: 0, max: Number.MAX_SAFE_INTEGER }),
        ),
      ),
    ),
  ];
}

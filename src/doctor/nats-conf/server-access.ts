import { present } from '../../topology/present.ts';
import { booleanIn, entryOf, integerIn, mapOf, type Placed, textIn, textsIn } from './conf-values.ts';
import type { ConfEntry, ConfSpan, ConfValue } from './document.ts';

/** Who may log in to a server and do what, as its nats.conf says. */
export interface AccessConf {
  /** `accounts { … }`, in file order; without `$G`. */
  accounts: readonly AccountConf[];
  /** Those of `authorization` (account null) and of all accounts, in file order. */
  users: readonly UserConf[];
  /** `authorization { token }` */
  token?: Placed<string>;
  systemAccount?: Placed<string>;
  noAuthUser?: Placed<string>;
  /** Users and accounts live in JWTs: the file does not tell who may do what. */
  operatorMode: boolean;
}

export interface AccountConf {
  name: string;
  span: ConfSpan;
  /** Absent or disabled: no JetStream in this account. */
  jetstream?: AccountJetStreamConf;
}

/** Bytes and counts; absent = no limit of its own. */
export interface AccountJetStreamConf {
  enabled: boolean;
  /** Of the value of `jetstream`. */
  span: ConfSpan;
  maxMemory?: Placed<number>;
  maxFile?: Placed<number>;
  maxStreams?: Placed<number>;
  maxConsumers?: Placed<number>;
}

export interface UserConf {
  /** null = the server's own account `$G`. */
  account: string | null;
  /** Of the entry in the list of users. */
  span: ConfSpan;
  /** The user name, or the public nkey. */
  name: Placed<string>;
  nkey: boolean;
  password?: Placed<string>;
  /** Its own, or the default ones of its block; absent = everything. */
  permissions?: PermissionsConf;
}

export interface PermissionsConf {
  span: ConfSpan;
  /** Absent = everything. */
  publish?: SubjectsConf;
  subscribe?: SubjectsConf;
  allowsResponses: boolean;
}

export interface SubjectsConf {
  /** Of the value of `publish` or `subscribe`. */
  span: ConfSpan;
  raw: string;
  /** Undefined = everything; empty = nothing. Subscriptions may be followed by a queue name: `foo workers`. */
  allow?: readonly Placed<string>[];
  deny: readonly Placed<string>[];
}

export function readAccess(entries: readonly ConfEntry[]): AccessConf {
  const authorization = mapOf(entryOf(entries, 'authorization')) ?? [];
  const accounts = accountEntries(entries);
  const systemAccount = textIn(entries, 'system_account', 'system');
  const noAuthUser = textIn(entries, 'no_auth_user');
  const token = textIn(authorization, 'token');
  return {
    accounts: accounts.map(({ key, keySpan, value }) => {
      const jetstream = accountJetStream(value);
      return { name: key, span: keySpan, ...(jetstream === undefined ? {} : { jetstream }) };
    }),
    users: [
      ...usersIn(authorization, null),
      ...singleUser(authorization),
      ...accounts.flatMap(({ key, value }) => (value.kind === 'map' ? usersIn(value.entries, key) : [])),
    ],
    ...(token === undefined ? {} : { token }),
    ...(systemAccount === undefined ? {} : { systemAccount }),
    ...(noAuthUser === undefined ? {} : { noAuthUser }),
    operatorMode:
      entryOf(
        entries,
        'operator',
        'operators',
        'roots',
        'root',
        'root_operators',
        'root_operator',
        'trusted',
        'trusted_keys',
      ) !== undefined,
  };
}

/** Accounts are a map of blocks, or a plain list of names. */
function accountEntries(entries: readonly ConfEntry[]): ConfEntry[] {
  const entry = entryOf(entries, 'accounts');
  if (entry?.value.kind === 'map') return [...entry.value.entries];
  if (entry?.value.kind !== 'list') return [];
  return entry.value.items.flatMap((item): ConfEntry[] =>
    item.kind === 'string'
      ? [
          {
            key: item.value,
            keySpan: item.span,
            value: { kind: 'map', entries: [], span: item.span, raw: item.raw },
          },
        ]
      : [],
  );
}

function accountJetStream(account: ConfValue): AccountJetStreamConf | undefined {
  const entry = account.kind === 'map' ? entryOf(account.entries, 'jetstream') : undefined;
  if (entry === undefined) return undefined;
  const { value } = entry;
  const body = mapOf(entry) ?? [];
  const limits = present({
    maxMemory: integerIn(body, 'max_memory', 'max_mem', 'mem', 'memory'),
    maxFile: integerIn(body, 'max_store', 'max_file', 'max_disk', 'store', 'disk'),
    maxStreams: integerIn(body, 'max_streams', 'streams'),
    maxConsumers: integerIn(body, 'max_consumers', 'consumers'),
  });
  return {
    // Unlike the server's own block, an account's has no field `enabled`.
    enabled:
      value.kind === 'map' ||
      (value.kind === 'boolean' && value.value) ||
      (value.kind === 'string' && /^enabled?$/i.test(value.value)),
    span: value.span,
    ...limits,
  };
}

function usersIn(block: readonly ConfEntry[], account: string | null): UserConf[] {
  const list = entryOf(block, 'users')?.value;
  const defaults = permissionsOf(entryOf(block, 'default_permissions', 'default_permission', 'permissions'));
  // Accounts may list nkeys apart, as plain texts or as blocks.
  const nkeys = entryOf(block, 'nkeys')?.value;
  return [list, nkeys].flatMap((value) =>
    value?.kind === 'list' ? value.items.flatMap((item) => userOf(item, account, defaults)) : [],
  );
}

function userOf(item: ConfValue, account: string | null, defaults: PermissionsConf | undefined): UserConf[] {
  if (item.kind !== 'map') return [];
  const nkey = textIn(item.entries, 'nkey');
  const name = nkey ?? textIn(item.entries, 'user', 'username');
  if (name === undefined) return [];
  const password = textIn(item.entries, 'password', 'pass');
  const permissions =
    permissionsOf(entryOf(item.entries, 'permissions', 'permission', 'authorization')) ?? defaults;
  return [
    {
      account,
      span: item.span,
      name,
      nkey: nkey !== undefined,
      ...(password === undefined ? {} : { password }),
      ...(permissions === undefined ? {} : { permissions }),
    },
  ];
}

/** `authorization { user, password }`: one user for all. */
function singleUser(authorization: readonly ConfEntry[]): UserConf[] {
  const name = textIn(authorization, 'user', 'username');
  const password = textIn(authorization, 'password', 'pass');
  if (name === undefined) return [];
  return [
    { account: null, span: name.span, name, nkey: false, ...(password === undefined ? {} : { password }) },
  ];
}

function permissionsOf(entry: ConfEntry | undefined): PermissionsConf | undefined {
  const body = mapOf(entry);
  if (entry === undefined || body === undefined) return undefined;
  const written = subjectsOf(entryOf(body, 'publish', 'pub', 'import'));
  const subscribe = subjectsOf(entryOf(body, 'subscribe', 'sub', 'export'));
  const responses = entryOf(body, 'allow_responses', 'publish_allow_responses');
  const allowsResponses =
    responses !== undefined &&
    (booleanIn(body, 'allow_responses', 'publish_allow_responses')?.value ?? responses.value.kind === 'map');
  // Whoever may answer may publish nothing else, unless it is allowed by name.
  const publish =
    allowsResponses && written?.allow === undefined
      ? { span: responses.value.span, raw: responses.value.raw, deny: [], ...written, allow: [] }
      : written;
  return {
    span: entry.value.span,
    ...(publish === undefined ? {} : { publish }),
    ...(subscribe === undefined ? {} : { subscribe }),
    allowsResponses,
  };
}

/** A subject, a list of them, or `{ allow, deny }`. */
function subjectsOf(entry: ConfEntry | undefined): SubjectsConf | undefined {
  if (entry === undefined) return undefined;
  const { span, raw } = entry.value;
  const body = mapOf(entry);
  if (body === undefined) return { span, raw, allow: textsIn([entry], entry.key.toLowerCase()), deny: [] };
  const allow = entryOf(body, 'allow') && textsIn(body, 'allow');
  return { span, raw, ...(allow === undefined ? {} : { allow }), deny: textsIn(body, 'deny') };
}

import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { DevenvError } from '../errors.ts';
import { adminAccess, natsAccess, natsVariables, toServer } from '../render/environment.ts';
import { type Trial, trialsOf } from '../topology/auth-trials.ts';
import type { Deployment } from '../topology/deployment.ts';
import type { Topology } from '../topology/model.ts';
import { nearest } from '../topology/nearest.ts';
import { permissionsOf } from '../topology/permissions.ts';
import { adminName, MONITOR_USER, type NatsUser, natsUsers } from '../topology/users.ts';
import { loginTrials, type SilentServers, silentServers } from './auth-logins.ts';
import { requireCurrent } from './current.ts';
import type { AuthReport, AuthTrial, AuthUser, Call, RotateResult, UpOptions } from './engine.ts';
import type { Project } from './project.ts';
import { renewAndBringUp } from './up.ts';
import type { AuthDesk, World } from './world.ts';

/** Each connection and each answer. */
const WITHIN_MS = 5_000;

/** Everybody who may log in, with what they may do; no secrets. */
export const authUsers = (topology: Topology): readonly AuthUser[] =>
  natsUsers(topology).map((user) => ({
    name: user.name,
    account: user.account,
    auth: user.auth,
    kind: user.kind,
    services: user.services,
    permissions: permissionsOf(user, topology),
  }));

/** Throws USAGE with the nearest name. No names = everybody. */
function chosenUsers(topology: Topology, names: readonly string[]): readonly NatsUser[] {
  const everybody = natsUsers(topology);
  for (const name of names) {
    if (everybody.some((user) => user.name === name)) continue;
    const known = everybody.map((user) => user.name);
    const near = nearest(name, known);
    throw new DevenvError('USAGE', `there is no NATS user "${name}"`, {
      hint: `${near === undefined ? '' : `Did you mean "${near}"? `}Users: ${known.join(', ')}.`,
    });
  }
  return names.length === 0 ? everybody : everybody.filter(({ name }) => names.includes(name));
}

/** How one user reaches the servers from this machine. Throws NOT_READY for one that no `up` has made known to them. */
export async function userVariables(
  world: World,
  project: Project,
  name: string,
  { signal }: Call,
): Promise<Record<string, string>> {
  const [user] = chosenUsers(project.topology, [name]);
  const { deployment } = await requireCurrent(world, project, signal);
  const known = await world.state.loadSecrets(project.environment);
  if (known?.nats?.[name] === undefined)
    throw new DevenvError('NOT_READY', `the user ${name} was declared since the last \`up\``, {
      hint: 'Run `devenv up`: it makes credentials and tells the servers.',
    });
  return {
    ...natsVariables(deployment, name, 'host'),
    ...(user !== undefined && user.inboxPrefix !== '_INBOX' && { NATS_INBOX_PREFIX: user.inboxPrefix }),
  };
}

/** Connects as everybody and tries what must be allowed and what must be denied. Changes nothing. */
export async function authTest(
  world: World,
  project: Project,
  names: readonly string[],
  { signal }: Call,
): Promise<AuthReport> {
  const started = world.now();
  const users = chosenUsers(project.topology, names);
  const { deployment } = await requireCurrent(world, project, signal);
  const reports = await tryUsers(world.auth, deployment, users, signal);
  const all = reports.flatMap(({ trials }) => trials);
  return {
    users: reports,
    trials: all.length,
    differences: all.filter(differs).length,
    ms: world.now() - started,
  };
}

/** One after another: what one user's trials look like must not depend on another's. */
export async function tryUsers(
  desk: AuthDesk,
  deployment: Deployment,
  users: readonly NatsUser[],
  signal: AbortSignal,
): Promise<AuthReport['users']> {
  // Not a word of anybody's subjects.
  const token = randomBytes(8).toString('hex');
  // Log-ins to all servers listen to it at once; from the eleventh on Node would warn of a leak that there is not.
  setMaxListeners(0, signal);
  const options = { signal, timeoutMs: WITHIN_MS };
  const silent = await silentServers(desk, adminAccess(deployment), options);
  const reports: AuthReport['users'][number][] = [];
  for (const user of users) {
    const trials = [
      ...(await loginTrials(desk, deployment, user, silent, options)),
      ...(await roleTrials(desk, deployment, user, token, silent, signal)),
      ...(await accountTrials(desk, deployment, user, token, silent, signal)),
    ];
    reports.push({ user: user.name, account: user.account, trials });
  }
  return reports;
}

/** Something that was tried and came out otherwise. */
export const differs = ({ expected, seen }: AuthTrial): boolean => seen !== 'skipped' && seen !== expected;

async function roleTrials(
  desk: AuthDesk,
  deployment: Deployment,
  user: NatsUser,
  token: string,
  silent: SilentServers,
  signal: AbortSignal,
): Promise<AuthTrial[]> {
  const { topology } = deployment;
  const admin =
    user.account === topology.systemAccount.name ? MONITOR_USER : adminName(topology, user.account);
  const trials: Trial[] = trialsOf(user, topology, token);
  const access = natsAccess(deployment, user.name, 'host');
  const asking = natsAccess(deployment, admin, 'host');
  const { inboxPrefix } = user;
  const rounds: (readonly Outcome[])[] = [];
  // Each server decides by a configuration of its own; one after another, because all would hear what one is asked.
  for (const server of access.servers.filter((one) => !silent.has(one))) {
    const where = access.servers.length > 1 ? `${server}: ` : '';
    try {
      const options = { signal, timeoutMs: WITHIN_MS, inboxPrefix };
      const outcomes = await desk.run(toServer(access, server), toServer(asking, server), trials, options);
      rounds.push(outcomes.map(({ seen, detail }) => ({ seen, detail: `${where}${detail}` })));
    } catch (error) {
      const outcome = notKnown(error, signal);
      rounds.push(trials.map(() => outcome));
    }
  }
  if (rounds.length === 0) rounds.push(trials.map(() => unanswered(silent)));
  return trials.map((trial, index) => {
    const seen = rounds.map((outcomes) => ({ ...trial, ...(outcomes[index] ?? NOT_TRIED) }));
    return seen.find(differs) ?? seen[0] ?? { ...trial, ...NOT_TRIED };
  });
}

/** Who cannot log in is told by its log-in; what it could do then is not known. */
function notKnown(error: unknown, signal: AbortSignal): Outcome {
  signal.throwIfAborted();
  if (!(error instanceof DevenvError)) throw error;
  return { seen: 'unknown', detail: error.message };
}

/** Its log-ins name the servers that do not answer; what the others do is told as it is. */
const unanswered = (silent: SilentServers): Outcome => ({
  seen: 'unknown',
  detail: [...silent].map(([server, detail]) => `${server}: ${detail}`).join('; '),
});

type Outcome = Pick<AuthTrial, 'seen' | 'detail'>;

const NOT_TRIED: Outcome = { seen: 'unknown', detail: 'not tried' };

/** What an account says is not heard in another one. Asked of each account's own admin, for all of its users. */
async function accountTrials(
  desk: AuthDesk,
  deployment: Deployment,
  user: NatsUser,
  token: string,
  silent: SilentServers,
  signal: AbortSignal,
): Promise<AuthTrial[]> {
  if (user.kind !== 'admin') return [];
  const others = deployment.topology.accounts.filter(({ name }) => name !== user.account);
  const from = natsAccess(deployment, user.name, 'host');
  return Promise.all(
    others.map(async ({ name }): Promise<AuthTrial> => {
      const to = natsAccess(deployment, adminName(deployment.topology, name), 'host');
      const subject = `devenv-auth.${token}.${user.account}`;
      if (from.servers.every((server) => silent.has(server)))
        return {
          deed: 'reach',
          subject,
          expected: 'denied',
          why: `the account ${name}`,
          ...unanswered(silent),
        };
      const outcome = await desk
        .reach(from, to, subject, { signal, timeoutMs: WITHIN_MS })
        .catch((error) => notKnown(error, signal));
      return { deed: 'reach', subject, expected: 'denied', why: `the account ${name}`, ...outcome };
    }),
  );
}

/**
 * New credentials for the named users, or all: rendered files, servers and services follow, and the old ones are tried
 * once more, to be refused. Throws ENVIRONMENT_NOT_RUNNING; NATS_FAILED when an old one is still accepted.
 */
export async function rotate(
  world: World,
  project: Project,
  names: readonly string[],
  options: Pick<UpOptions, 'timeoutMs'>,
  call: Call,
): Promise<RotateResult> {
  const started = world.now();
  const users = chosenUsers(project.topology, names);
  const { deployment: before } = await requireCurrent(world, project, call.signal);
  const rotated = users.map(({ name }) => name);
  const result = await renewAndBringUp(world, project, rotated, options, call);
  const accepted = await stillAccepted(world.auth, before, rotated, call.signal);
  if (accepted.length > 0) {
    throw new DevenvError('NATS_FAILED', `the old credentials of ${accepted.join(', ')} are still accepted`, {
      hint: 'Run `devenv restart`, then `devenv auth test`.',
    });
  }
  return {
    users: rotated,
    servers: result.configured,
    services: result.services,
    ms: world.now() - started,
  };
}

async function stillAccepted(
  desk: AuthDesk,
  before: Deployment,
  users: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const tried = await Promise.all(
    users.map(async (user) => {
      const access = natsAccess(before, user, 'host');
      const logins = access.servers.map((server) =>
        desk.login(toServer(access, server), { signal, timeoutMs: WITHIN_MS }),
      );
      return (await Promise.all(logins)).some(({ accepted }) => accepted) ? [user] : [];
    }),
  );
  return tried.flat();
}

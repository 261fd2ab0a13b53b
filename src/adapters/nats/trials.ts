import { errors, headers, type NatsConnection } from '@nats-io/transport-node';
import type { Trial } from '../../topology/auth-trials.ts';
import type { NatsAccess } from '../../topology/deployment.ts';
import { messageOf } from '../deadline.ts';
import { tryAnswer } from './answer-trial.ts';
import { connectOrExplain, type NatsOptions, openConnection } from './connect.ts';
import { ALLOWED, type Outcome, SILENCE, tryPublishing } from './publish-trials.ts';

export interface Login {
  accepted: boolean;
  /** Why not. */
  detail: string;
}

/** Does a server take these credentials? Throws only when the signal aborts. */
export async function tryLogin(access: NatsAccess, options: NatsOptions): Promise<Login> {
  try {
    const connection = await openConnection(access, { name: 'devenv-auth', ...options });
    await connection.close();
    return { accepted: true, detail: 'accepted' };
  } catch (error) {
    options.signal.throwIfAborted();
    const refused = error instanceof errors.AuthorizationError;
    return { accepted: false, detail: refused ? 'refused' : messageOf(error) };
  }
}

/**
 * Tries one thing after another over one connection and tells what the server let through. `admin` is somebody who may
 * publish anything in the same account: requests that are to be answered come from there. Throws NOT_READY when the user
 * cannot log in.
 *
 * The permission to publish is asked without publishing: a message whose reply subject is reserved is refused after the
 * permission was checked (processInboundClientMsg in the server's client.go, the same on 2.9, 2.10 and 2.15), with
 * another text than a subject that is not allowed. So nothing is delivered, stored or carried out, whatever the subject.
 */
export async function runTrials(
  access: NatsAccess,
  admin: NatsAccess,
  trials: readonly Trial[],
  options: NatsOptions,
): Promise<Outcome[]> {
  const connection = await connectOrExplain(access, { name: 'devenv-auth', ...options });
  try {
    const violations = collectViolations(connection);
    const outcomes = new Map<Trial, Outcome>();
    const subscribing = trials.filter(({ deed }) => deed === 'subscribe');
    const publishing = trials.filter(({ deed }) => deed === 'publish');
    for (const [trial, outcome] of await trySubscriptions(connection, subscribing))
      outcomes.set(trial, outcome);
    const published = await tryPublishing(
      connection,
      publishing.map(({ subject }) => subject),
      violations,
      'publish',
    );
    for (const [index, trial] of publishing.entries()) outcomes.set(trial, published[index] ?? SILENCE);
    for (const trial of trials) {
      options.signal.throwIfAborted();
      if (trial.deed === 'ask' || trial.deed === 'store')
        outcomes.set(trial, await tryRequest(connection, trial, options.timeoutMs));
      if (trial.deed === 'answer')
        outcomes.set(trial, await tryAnswer(connection, admin, trial, violations, options));
    }
    return trials.map((trial) => outcomes.get(trial) ?? SILENCE);
  } finally {
    await connection.close();
  }
}

/** Texts of all refusals, in the order in which they came. */
function collectViolations(connection: NatsConnection): string[] {
  const texts: string[] = [];
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === 'error') texts.push(status.error.message);
    }
  })();
  return texts;
}

async function trySubscriptions(
  connection: NatsConnection,
  trials: readonly Trial[],
): Promise<[Trial, Outcome][]> {
  const refusals = new Map<string, string>();
  const subscriptions = trials.map(({ subject }) =>
    connection.subscribe(subject, {
      callback: (error) => {
        if (error !== null) refusals.set(subject, error.message);
      },
    }),
  );
  await connection.flush();
  for (const subscription of subscriptions) if (!subscription.isClosed()) subscription.unsubscribe();
  return trials.map((trial) => {
    const refusal = refusals.get(trial.subject);
    return [trial, refusal === undefined ? ALLOWED : { seen: 'denied', detail: refusal }];
  });
}

/** JetStream is not on: on the server, in the account. */
const WITHOUT_JETSTREAM = [10076, 10039];

/** A `store` names a stream that there is not, which the right stream answers with an error (10060) instead of storing. */
async function tryRequest(
  connection: NatsConnection,
  { deed, subject }: Trial,
  timeoutMs: number,
): Promise<Outcome> {
  const fields = headers();
  if (deed === 'store') fields.set('Nats-Expected-Stream', 'devenv-auth-expects-no-such-stream');
  try {
    const answer = await connection.request(subject, undefined, { timeout: timeoutMs, headers: fields });
    const { error } = answer.json<{ error?: { err_code?: number; description?: string } }>();
    const said = error === undefined ? 'answered' : `answered: ${error.description} (${error.err_code})`;
    if (deed === 'store' && error?.err_code !== 10060) return { seen: 'unknown', detail: said };
    if (error?.err_code !== undefined && WITHOUT_JETSTREAM.includes(error.err_code))
      return { seen: 'unknown', detail: said };
    return { seen: 'allowed', detail: said };
  } catch (error) {
    const refused = error instanceof errors.PermissionViolationError ? error : (error as Error).cause;
    if (refused instanceof errors.PermissionViolationError)
      return { seen: 'denied', detail: refused.message };
    return { seen: 'unknown', detail: messageOf(error) };
  }
}

/**
 * Does what `from` publishes reach `to`? They are to be in different accounts. Nothing is stored, even when a stream
 * captures the subject, because the message names a stream that there is not.
 */
export async function tryReach(
  from: NatsAccess,
  to: NatsAccess,
  subject: string,
  options: NatsOptions,
): Promise<Outcome> {
  const open = { ...options, name: 'devenv-auth' };
  const listener = await connectOrExplain(to, open);
  try {
    const speaker = await connectOrExplain(from, open);
    try {
      return await reaches(speaker, listener, subject);
    } finally {
      await speaker.close();
    }
  } finally {
    await listener.close();
  }
}

async function reaches(speaker: NatsConnection, listener: NatsConnection, subject: string): Promise<Outcome> {
  let arrived = false;
  listener.subscribe(subject, {
    callback: (error) => {
      arrived ||= error === null;
    },
  });
  await listener.flush();
  const fields = headers();
  fields.set('Nats-Expected-Stream', 'devenv-auth-expects-no-such-stream');
  speaker.publish(subject, undefined, { headers: fields });
  await speaker.flush();
  await listener.flush();
  return arrived
    ? { seen: 'allowed', detail: 'it arrived' }
    : { seen: 'denied', detail: 'it did not arrive' };
}

import type { NatsConnection } from '@nats-io/transport-node';
import type { Trial } from '../../topology/auth-trials.ts';
import type { NatsAccess } from '../../topology/deployment.ts';
import { connectOrExplain, type NatsOptions } from './connect.ts';
import { type Outcome, SILENCE, tryPublishing } from './publish-trials.ts';

/** Receives a request where nobody else listens, and tries to answer it twice: some answer in parts. */
export async function tryAnswer(
  connection: NatsConnection,
  admin: NatsAccess,
  { subject }: Trial,
  violations: readonly string[],
  options: NatsOptions,
): Promise<Outcome> {
  const heard = await Promise.all(quietPlaces(subject, options).map((place) => listen(connection, place)));
  const listening = heard.find(({ isRefused }) => !isRefused);
  // On its own subjects the real service listens as well.
  if (listening === undefined) return { seen: 'skipped', detail: 'only the real service could be asked' };
  const asking = await connectOrExplain(admin, { ...options, name: 'devenv-auth' });
  try {
    asking.publish(listening.place, undefined, { reply: subject });
    await asking.flush();
    const reply = await Promise.race([
      listening.reply,
      new Promise<undefined>((resolve) => {
        setTimeout(() => resolve(undefined), options.timeoutMs).unref();
      }),
    ]);
    if (reply === undefined) return { seen: 'unknown', detail: 'the request did not arrive' };
    const outcomes = await tryPublishing(connection, [reply, reply], violations, 'answer');
    return outcomes.find(({ seen }) => seen !== 'allowed') ?? outcomes[0] ?? SILENCE;
  } finally {
    await asking.close();
  }
}

/** Where a user may listen and nobody else does: below its replies, or where a service of its own id would be asked. */
const quietPlaces = (subject: string, { inboxPrefix = '_INBOX' }: NatsOptions): string[] => [
  `${inboxPrefix}.${subject}`,
  `$SRV.PING.${subject}`,
];

interface Listening {
  place: string;
  isRefused: boolean;
  /** What the first message there asks to be answered on. In an object of its own, so that nobody awaits it by accident. */
  reply: Promise<string>;
}

async function listen(connection: NatsConnection, place: string): Promise<Listening> {
  let isRefused = false;
  const reply = new Promise<string>((resolve) => {
    connection.subscribe(place, {
      max: 1,
      callback: (error, message) => {
        if (error === null) resolve(message.reply ?? '');
        else isRefused = true;
      },
    });
  });
  await connection.flush();
  return { place, isRefused, reply };
}

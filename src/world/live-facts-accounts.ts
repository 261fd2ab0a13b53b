import type { Bounds } from '../adapters/deadline.ts';
import type { NatsClient } from '../adapters/nats/client.ts';
import { openConnection } from '../adapters/nats/connect.ts';
import { connectFailure } from '../adapters/nats/failures.ts';
import { connectNats } from '../adapters/nats/jetstream-connection.ts';
import type { LiveAccount, LiveUser } from '../doctor/facts.ts';
import { adminAccess, natsAccess } from '../render/environment.ts';
import type { Deployment } from '../topology/deployment.ts';
import { natsUsers } from '../topology/users.ts';
import { eachOf, reading } from './live-facts-reading.ts';

/** Every connection of devenv is called devenv-something, so that what it provokes is not taken for the user's. */
const NAME = 'devenv-doctor';

/** Streams and consumers of each account that has JetStream, as its administrator sees them. */
export const liveAccounts = (deployment: Deployment, bounds: Bounds): Promise<LiveAccount[]> =>
  eachOf(
    deployment.topology.accounts.filter(({ jetstream }) => jetstream !== null),
    4,
    async ({ name: account }) => {
      const ask = <T>(what: (client: NatsClient) => Promise<T>) =>
        reading(bounds, async (inner) => {
          await using client = await connectNats(adminAccess(deployment, account), { ...inner, name: NAME });
          return await what(client);
        });
      const [streams, consumers] = await Promise.all([
        ask((client) => client.listStreams()),
        ask((client) => client.listConsumers()),
      ]);
      return { account, streams, consumers };
    },
  );

/** Logs in as everybody once. A hundred users with bcrypt take a server a while, so a few at a time. */
export const liveUsers = (deployment: Deployment, bounds: Bounds): Promise<LiveUser[]> =>
  eachOf(natsUsers(deployment.topology), 8, async ({ name: user }) => ({
    user,
    login: await reading(bounds, async (inner): Promise<true> => {
      try {
        const connection = await openConnection(natsAccess(deployment, user, 'host'), {
          ...inner,
          name: NAME,
        });
        await connection.close();
        return true;
      } catch (error) {
        throw new Error(connectFailure(error), { cause: error });
      }
    }),
  }));

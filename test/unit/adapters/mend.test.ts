import { JetStreamApiError } from '@nats-io/jetstream';
import { expect, it } from 'vitest';
import type { NatsClient } from '../../../src/adapters/nats/client.ts';
import { mendTopology } from '../../../src/adapters/nats/mend.ts';
import { diffTopology } from '../../../src/topology/diff.ts';
import type { Stream } from '../../../src/topology/model.ts';
import { liveStreamOf } from '../../helpers/live-topology.ts';
import { stream } from '../../helpers/topology.ts';

const refusal = (err_code: number) => new JetStreamApiError({ code: 400, err_code, description: 'refused' });

/** What a server of a cluster is asked, one that scales and moves a stream only one after the other. */
async function asked(live: Partial<Stream>, declared: Partial<Stream>): Promise<string[]> {
  const before = { ...stream('ONE', 'one.>'), ...live };
  const wanted = { ...before, ...declared };
  const updates: string[] = [];
  let busy = 0;
  let now = before;
  const client: Partial<NatsClient> = {
    getStream: async () => liveStreamOf(now),
    async updateStream(next) {
      if (busy > 0) {
        busy -= 1;
        throw refusal(10226);
      }
      const moves = next.placement.length > 0 && next.placement.join() !== now.placement.join();
      if (moves && next.replicas !== now.replicas) throw refusal(10123);
      now = next;
      busy = 2;
      updates.push(`${next.replicas} ${next.placement.join()}`);
      return liveStreamOf(next);
    },
  };
  const changes = diffTopology(
    { streams: [wanted], consumers: [] },
    { streams: [liveStreamOf(before)], consumers: [] },
  );
  const { signal } = new AbortController();
  await mendTopology(client as NatsClient, { streams: [wanted], consumers: [] }, changes, { signal });
  return updates;
}

it('scales a stream before it moves it, and waits until that is done', async () => {
  expect(await asked({ replicas: 3 }, { replicas: 1, placement: ['az:2'] })).toEqual(['1 ', '1 az:2']);
});

it('changes at once what a server changes at once', async () => {
  expect(await asked({ replicas: 1, placement: ['az:2'] }, { replicas: 3, placement: [] })).toEqual(['3 ']);
  expect(await asked({ replicas: 1 }, { placement: ['az:2'], maxAge: 60_000 })).toEqual(['1 az:2']);
});

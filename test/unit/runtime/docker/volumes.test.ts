import { expect, it } from 'vitest';
import { portNameOf } from '../../../../src/runtime/docker/port-names.ts';
import { natsStores } from '../../../../src/runtime/docker/volumes.ts';

const environment = { name: 'e', projectDir: '/p', stateDir: '/p/.devenv/e', id: 'devenv-e-00000000' };

it('knows the stores of nats-servers by the names of volumes', () => {
  const volumes = [
    'nats-data',
    'nats-1-data',
    'nats-12-data',
    'postgres-data',
    'nats-x-data',
    'my-nats-data',
  ];
  const named = volumes.map((volume) => `${environment.id}_${volume}`);
  expect(natsStores([...named, 'nats-2-data', 'other_nats-3-data'], environment)).toEqual([
    'nats',
    'nats-1',
    'nats-12',
  ]);
});

it('gives each port of a container the name that it has in the topology', () => {
  const names = [
    ['nats', 4222],
    ['nats', 8222],
    ['nats-2', 4222],
    ['nats-2', 8222],
    ['postgres', 5432],
    ['api', 8222],
  ] as const;
  expect(names.map(([service, inside]) => portNameOf(service, inside))).toEqual([
    ...['nats', 'nats-monitor', 'nats-2', 'nats-2-monitor', 'postgres', 'api'],
  ]);
});

import { describe, expect, it } from 'vitest';
import {
  adminAccess,
  hostVariables,
  natsAccess,
  SECRET_VARIABLES,
  serviceEnvironment,
} from '../../../src/render/environment.ts';
import type { Deployment } from '../../../src/topology/deployment.ts';
import type { Topology } from '../../../src/topology/model.ts';
import { natsServers } from '../../../src/topology/servers.ts';
import {
  NO_ROLE,
  someAccount,
  someNats,
  someSecrets,
  someService,
  someTopology,
} from '../../helpers/topology.ts';

const PORTS = { nats: 4222, 'nats-monitor': 8222, postgres: 5432, api: 8080, worker: 8081 };

function deploymentOf(topology: Topology, parts: Partial<Deployment> = {}): Deployment {
  return {
    environment: { name: 'shop', projectDir: '/p', stateDir: '/p/.devenv/shop', id: 'devenv-shop-1' },
    runtime: 'process',
    topology,
    ports: PORTS,
    secrets: someSecrets(topology, 'p@ss:w/rd'),
    ...parts,
  };
}

const TLS = {
  ca: 'CA',
  caKey: 'CAKEY',
  server: { cert: 'SC', key: 'SK' },
  client: { cert: 'CC', key: 'CK' },
};
const clustered = (verifyClients = false) => {
  const topology = someTopology({ nats: { ...someNats, servers: 3, tls: { verifyClients } } });
  const ports = Object.fromEntries(
    natsServers(topology).flatMap(({ clientPort, monitorPort }, index) => [
      [clientPort, 4222 + index],
      [monitorPort, 8222 + index],
    ]),
  );
  const secrets = { ...someSecrets(topology), tls: TLS };
  return deploymentOf(topology, { ports: { ...PORTS, ...ports }, secrets });
};

describe('a service', () => {
  const serviceOf = (deployment: Deployment, name: string) => {
    const service = deployment.topology.services.find((one) => one.name === name);
    if (service === undefined) throw new Error(`no service ${name}`);
    return serviceEnvironment(deployment, service);
  };

  it('logs in as its own user, at loopback or by the name in the container network', () => {
    const { NATS_URL } = serviceOf(deploymentOf(someTopology()), 'worker');
    expect(NATS_URL).toBe('nats://worker:p%40ss%3Aw%2Frd@127.0.0.1:4222');
    const docker = serviceOf(deploymentOf(someTopology(), { runtime: 'docker' }), 'api');
    expect(docker.NATS_URL).toBe('nats://api:p%40ss%3Aw%2Frd@nats:4222');
    expect(docker.NATS_INBOX_PREFIX).toBeUndefined();
  });

  it('with a key pair gets the seed, and no user in the URL', () => {
    const reporting = { ...NO_ROLE, name: 'reporting', account: 'APP', auth: 'nkey' } as const;
    const topology = someTopology({
      accounts: [someAccount('APP', { users: [reporting] })],
      services: [someService('mailer', { account: 'APP', user: 'reporting', inboxPrefix: '_INBOX_r' })],
    });
    const secrets = someSecrets(topology);
    const deployment = deploymentOf(topology, {
      secrets: {
        ...secrets,
        nats: { ...secrets.nats, reporting: { kind: 'nkey', seed: 'SUSEED', publicKey: 'UPUB' } },
      },
    });
    const variables = serviceOf(deployment, 'mailer');
    expect(variables).toMatchObject({
      NATS_URL: 'nats://127.0.0.1:4222',
      NATS_NKEY_SEED: 'SUSEED',
      NATS_INBOX_PREFIX: '_INBOX_r',
    });
    const open = Object.entries(variables).filter(
      ([name]) => !(SECRET_VARIABLES as readonly string[]).includes(name),
    );
    expect(JSON.stringify(open)).not.toContain('SUSEED');
  });

  it('is told of every server, and of the files that TLS takes, as it sees them', () => {
    const local = serviceOf(clustered(), 'api');
    expect(local.NATS_URL?.split(',').map((url) => new URL(url).host)).toEqual([
      '127.0.0.1:4222',
      '127.0.0.1:4223',
      '127.0.0.1:4224',
    ]);
    expect(local.NATS_URL).toMatch(/^tls:\/\//);
    expect([local.NATS_CA, local.NATS_CERT]).toEqual(['/p/.devenv/shop/tls/client/ca.pem', undefined]);
    const docker = serviceOf({ ...clustered(true), runtime: 'docker' }, 'api');
    expect(docker.NATS_URL).toContain('@nats-1:4222,tls://');
    expect(
      [docker.NATS_CA, docker.NATS_CERT, docker.NATS_KEY].map((path) => path?.startsWith('/etc/')),
    ).toEqual([true, true, true]);
  });
});

describe('this machine', () => {
  it('has the admin of each account, and the one that reads the servers', () => {
    const topology = someTopology({
      accounts: [someAccount('APP'), someAccount('BILLING-EU')],
      services: [],
    });
    const variables = hostVariables(deploymentOf(topology));
    const users = Object.entries(variables)
      .filter(([, value]) => value.startsWith('nats:'))
      .map(([name, value]) => [name, new URL(value).username]);
    expect(users).toEqual([
      ['NATS_URL', 'devenv'],
      ['NATS_URL_BILLING_EU', 'devenv-BILLING-EU'],
      ['NATS_SYSTEM_URL', 'monitor'],
    ]);
  });

  it('reaches the servers with their authority, and a certificate only when they ask for one', () => {
    expect(adminAccess(clustered())).toMatchObject({
      servers: ['127.0.0.1:4222', '127.0.0.1:4223', '127.0.0.1:4224'],
      user: 'devenv',
      tls: { ca: 'CA' },
    });
    expect(adminAccess(clustered()).tls).toEqual({ ca: 'CA' });
    expect(adminAccess(clustered(true)).tls).toEqual({ ca: 'CA', cert: 'CC', key: 'CK' });
  });

  it('is told when no declared server has been started yet', () => {
    const topology = someTopology({ nats: { ...someNats, servers: 3 } });
    expect(() => natsAccess(deploymentOf(topology), 'devenv', 'host')).toThrow(
      expect.objectContaining({ code: 'NOT_READY', hint: expect.stringContaining('devenv up') }),
    );
  });
});

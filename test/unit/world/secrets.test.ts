import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UserAuth } from '../../../src/topology/model.ts';
import { secretsFor } from '../../../src/world/secrets.ts';
import { stateStore } from '../../../src/world/state-store.ts';
import { NO_ROLE, someAccount, someNats, someTopology } from '../../helpers/topology.ts';

const withUser = (auth: UserAuth) =>
  someTopology({
    accounts: [someAccount('$G', { users: [{ ...NO_ROLE, name: 'u', account: '$G', auth }] })],
  });

describe('credentials', () => {
  it('are made for everybody of the topology, each another one', async () => {
    const { nats, routes, postgres, tls } = await secretsFor(someTopology(), null);
    expect(Object.keys(nats)).toEqual(['devenv', 'monitor', 'api', 'worker']);
    const passwords = [...Object.values(nats), routes, postgres].map((one) =>
      'password' in one ? one.password : '',
    );
    expect(new Set(passwords).size).toBe(6);
    for (const password of passwords) expect(password).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(tls).toBeUndefined();
  });

  it('that are known are kept, what is missing is made, what is not declared any more is dropped', async () => {
    const first = await secretsFor(someTopology(), null);
    const old = { ...first, nats: { ...first.nats, gone: first.nats.api! } };
    const next = await secretsFor(withUser('password'), old);
    expect(Object.keys(next.nats)).toEqual(['devenv', 'monitor', 'u', 'api', 'worker']);
    expect(next.nats.worker).toEqual(first.nats.worker);
    expect({ routes: next.routes, postgres: next.postgres }).toEqual({
      routes: first.routes,
      postgres: first.postgres,
    });
  });

  it('change when their kind does', async () => {
    const password = (await secretsFor(withUser('password'), null)).nats.u;
    expect(password).toMatchObject({ kind: 'password' });
    const nkey = await secretsFor(withUser('nkey'), { nats: { u: password! } });
    expect(nkey.nats.u).toMatchObject({
      kind: 'nkey',
      seed: expect.stringMatching(/^SU[A-Z2-7]{56}$/),
      publicKey: expect.stringMatching(/^U[A-Z2-7]{55}$/),
    });
    const bcrypt = await secretsFor(withUser('bcrypt'), nkey);
    expect(bcrypt.nats.u).toMatchObject({ kind: 'bcrypt', hash: expect.stringMatching(/^\$2[ab]\$/) });
  });

  it('hold certificates while TLS is declared, and the same ones again when it comes back', async () => {
    const plain = someTopology();
    const secure = someTopology({ nats: { ...someNats, tls: { verifyClients: true } } });
    const first = await secretsFor(secure, null);
    expect(first.tls?.ca).toContain('BEGIN CERTIFICATE');
    const without = await secretsFor(plain, first);
    expect((await secretsFor(secure, without)).tls).toEqual(first.tls);
  });
});

describe('secrets.json', () => {
  let projectDir: string;
  beforeEach(async () => {
    projectDir = await mkdtemp(join(tmpdir(), 'devenv-secrets-'));
  });
  afterEach(() => rm(projectDir, { recursive: true, force: true }));
  const environment = () => ({
    name: 'shop',
    projectDir,
    stateDir: join(projectDir, '.devenv', 'shop'),
    id: 'devenv-shop-1',
  });
  const file = () => join(environment().stateDir, 'secrets.json');

  it('is read back as it was written, by its owner only', async () => {
    const secrets = await secretsFor(withUser('nkey'), null);
    await stateStore.saveSecrets(environment(), secrets);
    expect(await stateStore.loadSecrets(environment())).toEqual(secrets);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
  });

  it('of an environment from before there were accounts still opens its servers', async () => {
    await stateStore.saveSecrets(environment(), await secretsFor(someTopology(), null));
    const old = {
      nats: { user: 'devenv', password: 'old-nats' },
      postgres: { user: 'devenv', password: 'old-postgres' },
    };
    await writeFile(file(), JSON.stringify(old));
    const known = await stateStore.loadSecrets(environment());
    const secrets = await secretsFor(someTopology(), known);
    expect(secrets.nats.devenv).toEqual({ kind: 'password', password: 'old-nats' });
    expect(secrets.postgres).toEqual(old.postgres);
    expect(Object.keys(secrets.nats)).toEqual(['devenv', 'monitor', 'api', 'worker']);
  });

  it.each([
    'not json',
    'null',
    '{}',
    '{"nats":{},"postgres":{"user":"u","password":"p"}}',
    '{"nats":{"devenv":{"kind":"password"}},"postgres":{"user":"u","password":"p"}}',
    '{"nats":{"devenv":{"kind":"constructor","password":"x"}},"postgres":{"user":"u","password":"p"}}',
    '{"nats":{"devenv":{"kind":"password","password":"x"}},"postgres":{"user":"","password":"p"}}',
    '{"nats":{"devenv":null},"postgres":{"user":"u","password":"p"}}',
  ])('that holds %s is told as unreadable, without its content', async (text) => {
    await stateStore.saveSecrets(environment(), await secretsFor(someTopology(), null));
    await writeFile(file(), text);
    await expect(stateStore.loadSecrets(environment())).rejects.toMatchObject({
      code: 'STATE_UNREADABLE',
      message: expect.stringContaining(file()),
    });
  });
});

import { X509Certificate } from 'node:crypto';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { TlsMaterial } from '../../../src/topology/deployment.ts';
import { currentTlsMaterial, newTlsMaterial } from '../../../src/world/tls.ts';

const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.parse('2026-01-01T00:00:00Z');
const NAMES = ['nats-1', 'nats-2', 'nats-3'];

describe('newTlsMaterial', () => {
  it('makes an authority, one certificate for all servers and one for clients', async () => {
    const { ca, server, client } = await newTlsMaterial(NAMES, NOW);
    const authority = new X509Certificate(ca);
    expect(authority.ca).toBe(true);
    const names = new X509Certificate(server.cert);
    expect(names.ca).toBe(false);
    for (const name of ['localhost', ...NAMES]) expect(names.checkHost(name)).toBe(name);
    for (const address of ['127.0.0.1', '::1']) expect(names.checkIP(address)).toBeDefined();
    expect(names.checkHost('nats-4')).toBeUndefined();
    for (const { cert, key } of [server, client]) {
      expect(new X509Certificate(cert).verify(authority.publicKey)).toBe(true);
      expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
      expect(Date.parse(new X509Certificate(cert).validTo) - NOW).toBeGreaterThan(4 * 365 * DAY);
      expect(Date.parse(new X509Certificate(cert).validFrom)).toBeLessThan(NOW);
    }
  });

  it('is of one environment alone', async () => {
    const [one, other] = await Promise.all([newTlsMaterial(NAMES, NOW), newTlsMaterial(NAMES, NOW)]);
    expect(new X509Certificate(one.server.cert).verify(new X509Certificate(other.ca).publicKey)).toBe(false);
    expect(one.caKey).not.toBe(other.caKey);
  });

  it('is what TLS itself accepts, on both ends', async () => {
    const material = await newTlsMaterial(['nats']);
    expect(await shakeHands(material, material.client)).toBe('authorized');
    expect(await shakeHands(material, (await newTlsMaterial(['nats'])).client)).not.toBe('authorized');
  });
});

describe('currentTlsMaterial', () => {
  it('keeps what serves', async () => {
    const material = await newTlsMaterial(NAMES, NOW);
    expect(await currentTlsMaterial(material, NAMES, NOW + 4 * 365 * DAY)).toBe(material);
    expect(await currentTlsMaterial(material, ['nats-1'], NOW)).toBe(material);
  });

  it.each([
    ['near its end', NAMES, NOW + 1825 * DAY - 89 * DAY],
    ['past its end', NAMES, NOW + 1826 * DAY],
    ['a server without its name in it', [...NAMES, 'nats-5'], NOW],
  ])('renews by the same authority: %s', async (_name, names, now) => {
    const material = await newTlsMaterial(NAMES, NOW);
    const renewed = await currentTlsMaterial(material, names, now);
    expect(renewed.ca).toBe(material.ca);
    expect(renewed.server.cert).not.toBe(material.server.cert);
    expect(await currentTlsMaterial(renewed, names, now)).toBe(renewed);
  });

  const damage: [string, (material: TlsMaterial, other: TlsMaterial) => TlsMaterial, boolean][] = [
    [
      'a certificate with another key',
      (m, { server }) => ({ ...m, server: { ...m.server, key: server.key } }),
      true,
    ],
    ['a client of another authority', (m, { client }) => ({ ...m, client }), true],
    ['text that is no certificate', (m) => ({ ...m, server: { cert: 'x', key: 'y' } }), true],
    ['nothing in place of the client', (m) => ({ ...m, client: undefined as never }), true],
    ['an authority that cannot be read', (m) => ({ ...m, ca: '-----BEGIN CERTIFICATE-----\nAAAA\n' }), false],
    ['an authority without its key', (m) => ({ ...m, caKey: '', server: { cert: '', key: '' } }), false],
    [
      'the key of another authority',
      (m, { caKey }) => ({ ...m, caKey, server: { cert: '', key: '' } }),
      false,
    ],
  ];
  it.each(damage)('mends %s', async (_name, damaged, keepsAuthority) => {
    const [material, other] = await Promise.all([newTlsMaterial(NAMES, NOW), newTlsMaterial(NAMES, NOW)]);
    const mended = await currentTlsMaterial(damaged(material, other), NAMES, NOW);
    expect(mended.ca === material.ca).toBe(keepsAuthority);
    expect(await currentTlsMaterial(mended, NAMES, NOW)).toBe(mended);
  });

  it('replaces an authority near its end', async () => {
    const material = await newTlsMaterial(NAMES, NOW);
    const replaced = await currentTlsMaterial(material, NAMES, NOW + 3600 * DAY);
    expect(replaced.ca).not.toBe(material.ca);
  });
});

/** `authorized`, or why a server that asks for a client's certificate and a client that knows the authority part. */
async function shakeHands({ ca, server }: TlsMaterial, client: TlsMaterial['client']): Promise<string> {
  const listener = createServer({ ca, ...server, requestCert: true, rejectUnauthorized: true }, (socket) =>
    socket.end('hello'),
  );
  listener.on('tlsClientError', () => {});
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
  const { port } = listener.address() as { port: number };
  try {
    return await new Promise<string>((resolve) => {
      const socket: TLSSocket = connect({ host: '127.0.0.1', port, ca, ...client }, () => {});
      socket.on('data', () => resolve(socket.authorized ? 'authorized' : String(socket.authorizationError)));
      socket.on('error', (error) => resolve(error.message));
      socket.on('close', () => resolve('closed'));
    });
  } finally {
    listener.close();
  }
}

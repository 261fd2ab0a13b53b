import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { TlsMaterial } from '../topology/deployment.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const AUTHORITY_DAYS = 3650;
const CERTIFICATE_DAYS = 1825;
/** With less left, `up` renews: nobody's environment should end in the middle of a holiday. */
const RENEW_DAYS = 90;
/** The clock of a container engine's virtual machine may lag behind this one. */
const LEEWAY_DAYS = 1;

/** Where clients on this machine look for a server, beside its names in the container network. */
const LOCAL_NAMES = ['localhost'];
const LOCAL_ADDRESSES = ['127.0.0.1', '::1'];

/**
 * An authority of this environment alone, one certificate for all its servers, one for its clients. `serverNames` are
 * the servers' host names in the container network. Some 60 ms, most of it the library's import.
 */
export async function newTlsMaterial(
  serverNames: readonly string[],
  now: number = Date.now(),
): Promise<TlsMaterial> {
  const { makeAuthority } = await import('../adapters/certificates.ts');
  const authority = await makeAuthority('devenv local authority', validity(now, AUTHORITY_DAYS));
  return certificatesBy({ ca: authority.cert, caKey: authority.key }, serverNames, now);
}

/**
 * The same object when it still serves; new certificates by the same authority when they near their end or lack a name;
 * everything new when the authority itself nears its end or a part cannot be read. Under 1 ms when nothing is due.
 */
export async function currentTlsMaterial(
  material: TlsMaterial,
  serverNames: readonly string[],
  now: number = Date.now(),
): Promise<TlsMaterial> {
  if (!lasts(material.ca, now)) return newTlsMaterial(serverNames, now);
  if (serves(material, serverNames, now)) return material;
  try {
    return await certificatesBy(material, serverNames, now);
  } catch {
    // Its key cannot be read, or is of another authority.
    return newTlsMaterial(serverNames, now);
  }
}

async function certificatesBy(
  { ca, caKey }: Pick<TlsMaterial, 'ca' | 'caKey'>,
  serverNames: readonly string[],
  now: number,
): Promise<TlsMaterial> {
  const { issueCertificate } = await import('../adapters/certificates.ts');
  const authority = { cert: ca, key: caKey };
  const span = validity(now, CERTIFICATE_DAYS);
  const names = {
    kind: 'server' as const,
    dnsNames: [...LOCAL_NAMES, ...serverNames],
    addresses: LOCAL_ADDRESSES,
  };
  const [server, client] = await Promise.all([
    issueCertificate(authority, 'nats', names, span),
    issueCertificate(authority, 'devenv client', { kind: 'client' }, span),
  ]);
  const material = { ca, caKey, server, client };
  if (!serves(material, serverNames, now)) throw new Error('the key is not that of the authority');
  return material;
}

const validity = (now: number, days: number) => ({
  notBefore: new Date(now - LEEWAY_DAYS * DAY_MS),
  notAfter: new Date(now + days * DAY_MS),
});

function serves({ ca, server, client }: TlsMaterial, serverNames: readonly string[], now: number): boolean {
  try {
    const authority = new X509Certificate(ca);
    const sound = [server, client].every(({ cert, key }) => {
      const certificate = new X509Certificate(cert);
      return (
        certificate.verify(authority.publicKey) &&
        certificate.checkPrivateKey(createPrivateKey(key)) &&
        lasts(cert, now)
      );
    });
    const certificate = new X509Certificate(server.cert);
    const named = [...LOCAL_NAMES, ...serverNames].every((name) => certificate.checkHost(name) !== undefined);
    return sound && named;
  } catch {
    // Not PEM, or not these kinds: as good as none.
    return false;
  }
}

function lasts(cert: string, now: number): boolean {
  try {
    return Date.parse(new X509Certificate(cert).validTo) - now > RENEW_DAYS * DAY_MS;
  } catch {
    return false;
  }
}

import 'reflect-metadata'; // The library's own dependency injection needs it to be there first.
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** PEM texts; the key is PKCS #8. */
export interface KeyPairPem {
  cert: string;
  key: string;
}

export interface Validity {
  notBefore: Date;
  notAfter: Date;
}

export type Purpose =
  | { kind: 'server'; dnsNames: readonly string[]; addresses: readonly string[] }
  | { kind: 'client' };

/** P-256: every TLS stack of the last decade knows it, and a key takes a millisecond to make. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const { KeyUsageFlags, ExtendedKeyUsage } = x509;

/** An authority that signs certificates of end points and no other authorities. */
export async function makeAuthority(commonName: string, validity: Validity): Promise<KeyPairPem> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    ...validity,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pemOf(certificate), key: await privatePem(keys.privateKey) };
}

/** A certificate for one end of a connection, signed by the authority. Throws when the authority cannot be read. */
export async function issueCertificate(
  authority: KeyPairPem,
  commonName: string,
  purpose: Purpose,
  validity: Validity,
): Promise<KeyPairPem> {
  const keys = await newKeys();
  const issuer = new x509.X509Certificate(authority.cert);
  const der = x509.PemConverter.decodeFirst(authority.key);
  const signingKey = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
  const usage = purpose.kind === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth;
  const certificate = await x509.X509CertificateGenerator.create({
    issuer: issuer.subjectName,
    subject: [{ CN: [commonName] }],
    ...validity,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      // Servers of a cluster are each other's clients.
      new x509.ExtendedKeyUsageExtension(
        purpose.kind === 'server' ? [usage, ExtendedKeyUsage.clientAuth] : [usage],
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...(purpose.kind === 'server' ? [alternativeNames(purpose)] : []),
    ],
  });
  return { cert: pemOf(certificate), key: await privatePem(keys.privateKey) };
}

const alternativeNames = ({ dnsNames, addresses }: Extract<Purpose, { kind: 'server' }>) =>
  new x509.SubjectAlternativeNameExtension([
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ]);

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

const pemOf = (certificate: x509.X509Certificate): string => `${certificate.toString('pem')}\n`;

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  return `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`;
}

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

/** What Go's `tls.X509KeyPair` says to two PEM texts; null when they are a pair. */
export function pairProblem(
  certificate: string,
  key: string,
): { of: 'certificate' | 'key'; text: string } | null {
  const first = certificateIn(certificate);
  if (first === 'none') return { of: 'certificate', text: noPem('certificate', certificate, 'CERTIFICATE') };
  if (first === null) return { of: 'certificate', text: 'x509: malformed certificate' };
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key))
    return { of: 'key', text: noPem('key', key, 'PRIVATE KEY') };
  const secret = keyIn(key);
  if (secret === null) return { of: 'key', text: 'tls: failed to parse private key' };
  return first.checkPrivateKey(secret)
    ? null
    : { of: 'key', text: 'tls: private key does not match public key' };
}

function noPem(input: 'certificate' | 'key', text: string, wanted: string): string {
  const types = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)].map(([, type]) => type!);
  if (types.length === 0) return `tls: failed to find any PEM data in ${input} input`;
  if (types.length === 1 && input === 'certificate' && types[0]!.endsWith('PRIVATE KEY'))
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  if (types.length === 1 && input === 'key' && types[0] === 'CERTIFICATE')
    return 'tls: found a certificate rather than a key in the PEM for the private key';
  return `tls: failed to find ${input === 'key' ? 'PEM block with type ending in ' : ''}"${wanted}"${input === 'key' ? '' : ' PEM block'} in ${input} input after skipping PEM blocks`;
}

/** The first certificate of a PEM text: null when it cannot be read. */
export function certificateIn(text: string): X509Certificate | 'none' | null {
  const [block] = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(text) ?? [];
  if (block === undefined) return 'none';
  try {
    return new X509Certificate(block);
  } catch {
    return null;
  }
}

/** nats-server has no passphrase to open a key with. */
function keyIn(text: string): KeyObject | null {
  try {
    return createPrivateKey(text);
  } catch {
    return null;
  }
}

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** What Postgres itself uses when it is given a password in clear (`scram_iterations`). */
const ITERATIONS = 4096;

/**
 * The verifier that Postgres keeps in place of a password: `SCRAM-SHA-256$4096:<salt>$<StoredKey>:<ServerKey>`
 * (RFC 5802, and `src/common/scram-common.c` of Postgres). Computed here, so that the password itself never leaves
 * this process: not in argv, not on a pipe, not in a server's log.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  // SASLprep of everything that people type is NFKC; Postgres falls back to the raw bytes where it is not.
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, ITERATIONS, 32, 'sha256');
  const keyOf = (name: string) => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(keyOf('Client Key')).digest('base64');
  const serverKey = keyOf('Server Key').toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/** Whether a verifier was made from this password. */
export function verifies(verifier: string, password: string): boolean {
  const salt = /^SCRAM-SHA-256\$\d+:([^$]+)\$/.exec(verifier)?.[1];
  return salt !== undefined && scramVerifier(password, Buffer.from(salt, 'base64')) === verifier;
}

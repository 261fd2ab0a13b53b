import { createUser } from '@nats-io/nkeys';

/** A new key pair of a user: the seed is the secret half. */
export function newUserKeys(): { seed: string; publicKey: string } {
  const pair = createUser();
  return { seed: new TextDecoder().decode(pair.getSeed()), publicKey: pair.getPublicKey() };
}

import { randomBytes } from 'node:crypto';
import type { Secrets } from '../topology/deployment.ts';

/** 192 bits in base64url: letters, digits, `-` and `_`, so that no URL, shell or file format needs to escape it. */
const newPassword = (): string => randomBytes(24).toString('base64url');

export const newSecrets = (): Secrets => ({
  nats: { user: 'devenv', password: newPassword() },
  postgres: { user: 'devenv', password: newPassword() },
});

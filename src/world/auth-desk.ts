import type { AuthDesk } from '../engine/world.ts';
import { newCredential } from './secrets.ts';

/** Through the NATS adapter, imported when first needed. */
export const authDesk: AuthDesk = {
  login: async (access, options) => (await import('../adapters/nats.ts')).tryLogin(access, options),
  run: async (access, admin, trials, options) =>
    (await import('../adapters/nats.ts')).runTrials(access, admin, trials, options),
  reach: async (from, to, subject, options) =>
    (await import('../adapters/nats.ts')).tryReach(from, to, subject, options),
  forged: ({ kind }) => newCredential(kind),
};

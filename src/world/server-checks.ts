import type { ServerChecks } from '../engine/world.ts';

/** Readiness by protocol. The clients are imported when they are first needed: `devenv env` needs none of them. */
export const serverChecks: ServerChecks = {
  nats: async (access, options) => (await import('../adapters/nats.ts')).checkNats(access, options),
  member: async (access, membership, options) =>
    (await import('../adapters/nats.ts')).checkMember(access, membership, options),
  confReadAt: async (monitorUrl, options) => {
    const { monitoring } = await import('../adapters/nats/monitoring.ts');
    try {
      return (await monitoring(monitorUrl, options).varz()).configLoadTime || null;
    } catch {
      options.signal.throwIfAborted();
      return null;
    }
  },
  postgres: async (url, options) => (await import('../adapters/postgres.ts')).checkPostgres(url, options),
  http: async (url, options) => (await import('../adapters/http.ts')).checkHttp(url, options),
  tcp: async (port, options) => (await import('../adapters/http.ts')).checkTcp(port, options),
};

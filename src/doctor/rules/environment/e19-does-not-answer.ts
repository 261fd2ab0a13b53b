import { object } from '../../live/readings.ts';
import { defineRule } from '../../rule.ts';

/** E19: what was started and does not answer. Without it a system that hangs would have no findings at all. */
export const e19DoesNotAnswer = defineRule({
  id: 'E19',
  title: 'a service that does not answer',
  severity: 'error',
  meaning: 'A server or a service of the environment is not running, or runs and does not answer.',
  cause:
    'It died, it waits for something that is away, or it hangs: its process is there and its port may even accept connections, but what ' +
    'was asked of it by its own protocol got no answer in time. What else could be known of it could not be looked at either. A name that is ' +
    'not found (ENOTFOUND, EAI_AGAIN) is a container that does not run, or the name of a Compose service used from outside its network.',
  fix: 'See its log with `devenv logs`, then `devenv up`, which repairs what is damaged, or `devenv restart` with its name.',
  symptoms: [
    'nats: no servers available for connection',
    'connect ECONNREFUSED 127.0.0.1:4222',
    'no answer within 1000 ms',
    'nats: timeout',
    'CONNECTION_REFUSED',
    'getaddrinfo ENOTFOUND nats',
    'getaddrinfo EAI_AGAIN nats',
    'nats: Stale Connection',
  ],
  matches: [
    /\bECONNREFUSED\b/,
    /\bconnection[ _]refused\b/i,
    /\bgetaddrinfo (ENOTFOUND|EAI_AGAIN)\b/,
    /\bno such host\b/,
    /\bstale connection\b/i,
    /\bno answer within \d+ ms\b/,
    /^(nats: |TimeoutError: )?timeout$/i,
  ],
  *live({ services }) {
    for (const { service, state, health, restarts } of services) {
      if (health.ready) continue;
      const isRunning = state === 'running' || state === 'starting';
      const again = restarts > 0 ? ` after ${restarts} restart${restarts === 1 ? '' : 's'}` : '';
      yield {
        place: object(`service ${service}`),
        cause: isRunning
          ? `${service} runs${again} and does not answer as it should (${health.detail}).`
          : `${service} is ${state === 'absent' ? 'not there' : state}${again}.`,
        fix: isRunning
          ? `See \`devenv logs ${service}\`; \`devenv restart ${service}\` starts it anew.`
          : `See \`devenv logs ${service}\`; \`devenv up\` starts it again.`,
        symptom: health.detail,
      };
    }
  },
});

import { known, object } from '../../live/readings.ts';
import { defineRule } from '../../rule.ts';

/** E09: /healthz says 200 on a server without JetStream. */
export const e09HealthyWithoutJetStream = defineRule({
  id: 'E09',
  title: 'healthy without JetStream',
  severity: 'error',
  meaning: 'A server runs without JetStream, and its health endpoint answers 200 all the same.',
  cause:
    '/healthz asks whether everything that is enabled works. Where JetStream is not enabled (no jetstream block, or a configuration that ' +
    'was not read) there is nothing to ask, also with ?js-enabled-only=true; so health checks stay green while every publish fails.',
  fix: 'Put a jetstream block into the configuration that the server really reads, and ask /jsz (`disabled`) or the JetStream API instead of /healthz.',
  symptoms: [
    'jetstream is not enabled',
    '{"status":"ok"} from /healthz while every JetStream request fails',
    'JetStream not enabled',
  ],
  codes: [10076],
  *live({ servers }) {
    for (const { name, jsz, healthz } of servers) {
      if (known(jsz)?.enabled !== false) continue;
      const status = known(healthz)?.status;
      yield {
        place: object(`server ${name}`),
        cause: `JetStream is off on ${name}${status === 200 ? ', and /healthz answers 200 all the same' : ''}.`,
        fix: `See \`devenv logs ${name}\` for why it is off, and run \`devenv up\`; a server that was not started by devenv needs a jetstream block.`,
      };
    }
  },
});

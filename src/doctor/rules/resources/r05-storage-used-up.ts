import { formatSize } from '../../../topology/sizes.ts';
import { known, object } from '../../live/readings.ts';
import { serverLines } from '../../live/server-log.ts';
import { defineRule } from '../../rule.ts';

const NEARLY_FULL = 0.9;

/** R05: what is stored has reached the limit of the server. */
export const r05StorageUsedUp = defineRule({
  id: 'R05',
  title: 'storage of the server is used up',
  severity: 'error',
  meaning:
    'The messages stored on a server have reached max_file_store or max_memory_store, and no stream takes any more.',
  cause:
    'Streams without max_bytes grow until the limit of the whole server is reached. Then every publish to every stream fails, also to ' +
    'streams that are nearly empty, because the limit is shared.',
  fix: 'Give every stream a max_bytes, so that one cannot take the room of the others; purge or delete what is not needed, or raise the limit.',
  symptoms: [
    'insufficient resources',
    'JetStream resource limits exceeded for server',
    'resource limits exceeded for account',
  ],
  codes: [10023, 10002],
  matches: [/resource limits exceeded/i],
  *live(facts) {
    for (const { name, jsz } of facts.servers) {
      const state = known(jsz);
      if (state === undefined || !state.enabled) continue;
      const stores = [
        { kind: 'file', field: 'max_file_store', used: state.storage, limit: state.maxStorage },
        { kind: 'memory', field: 'max_memory_store', used: state.memory, limit: state.maxMemory },
      ];
      const said = serverLines(facts).findLast(
        ({ service, text }) => service === name && /resource limits exceeded/i.test(text),
      );
      for (const { kind, field, used, limit } of stores) {
        if (limit <= 0 || used < limit * NEARLY_FULL) continue;
        const unlimited = facts.accounts
          .flatMap(({ streams }) => known(streams) ?? [])
          .filter((stream) => stream.storage === kind && stream.maxBytes <= 0)
          .map((stream) => stream.name);
        const isFull = used >= limit;
        yield {
          place: object(`server ${name}`),
          severity: isFull ? 'error' : 'warning',
          cause: `${name} stores ${formatSize(used)} of the ${formatSize(limit)} that ${field} allows (${Math.floor((used / limit) * 100)} %)${isFull ? ', so no stream takes any more' : ''}.`,
          fix: `${unlimited.length === 0 ? '' : `Give ${unlimited.join(', ')} a max_bytes. `}Purge what is not needed, or raise nats.${field}.`,
          ...(isFull && said !== undefined ? { symptom: said.text.trim() } : {}),
        };
      }
    }
  },
});

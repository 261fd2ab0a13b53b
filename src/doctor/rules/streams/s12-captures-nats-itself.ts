import { reservedFor, tokensOf } from '../../../topology/subjects.ts';
import type { StaticFacts } from '../../facts.ts';
import { isAtLeast } from '../../nats-conf/versions.ts';
import { defineRule } from '../../rule.ts';
import { writtenStreams } from '../../written/streams.ts';

export const s12CapturesNatsItself = defineRule({
  id: 'S12',
  title: 'a stream captures the traffic of NATS itself',
  severity: 'error',
  meaning: 'The subjects of a stream reach into what servers and clients use to talk to each other.',
  cause:
    'Requests to JetStream, their answers and the notices between servers travel on subjects too. A stream on `>` or ' +
    '`*.x` would keep them and answer each one with an acknowledgement. Servers refuse most of it, and more of it with ' +
    'every release; `_INBOX.>` is accepted by all of them and breaks every request.',
  fix: 'Begin the subjects of a stream with a word of your own. Notices can be kept: `$JS.EVENT.>`, `$SYS.ACCOUNT.>`.',
  symptoms: [
    'subjects that overlap with jetstream api require no-ack to be true',
    'subjects that overlap with system api require no-ack to be true',
    'capturing all subjects requires no-ack to be true',
    'subjects overlap with jetstream api',
  ],
  codes: [10052],
  versions:
    '2.9 refuses $JS.API.> only; 2.10 and later refuse $JS, $JSC, $SYS and >; 2.15 what could match them too',
  *static(facts: StaticFacts) {
    for (const stream of writtenStreams(facts)) {
      // A stream that answers nothing may listen to everything.
      if (stream.fields.noAck === true) continue;
      for (const [item, pattern] of stream.reach.entries()) {
        const reserved = reservedFor(pattern);
        if (reserved === undefined) continue;
        yield {
          place: stream.place('subjects', item),
          cause: `${stream.title} captures "${pattern}", which reaches into ${reserved.pattern}: ${reserved.what}.`,
          fix: 'Begin the subject with a word of your own, such as the name of the project.',
          ...(isHarmlessYet(pattern, facts.natsVersion) && { severity: 'warning' as const }),
          ...(pattern === '>' && { symptom: 'capturing all subjects requires no-ack to be true' }),
        };
      }
    }
  },
});

/** Second words of what NATS says to itself. */
const OWN_WORDS = new Set(['API', 'ACK', 'FC', 'SNAPSHOT', 'REQ', 'SERVER', 'ACCOUNT', 'LATENCY', 'DEBUG']);

/** `*.orders.>`: no message of NATS's own has `orders` there, and servers before 2.11 take it (seen on 2.9 and 2.10). */
function isHarmlessYet(pattern: string, version: string): boolean {
  const [first, second = '>'] = tokensOf(pattern);
  return (
    first === '*' && second !== '*' && second !== '>' && !OWN_WORDS.has(second) && !isAtLeast(version, '2.11')
  );
}

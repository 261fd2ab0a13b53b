import { counted, known, object } from '../../live/readings.ts';
import { serverLines } from '../../live/server-log.ts';
import { defineRule } from '../../rule.ts';

/** K12: the server cut off clients that did not read fast enough. */
export const k12SlowConsumer = defineRule({
  id: 'K12',
  title: 'slow consumer was cut off',
  severity: 'warning',
  meaning:
    'A client did not read what the server had for it, and the server closed its connection; what waited for it is lost.',
  cause:
    'The server keeps up to max_pending bytes for each connection and waits write_deadline for a write. A client that blocks (a long handler ' +
    'on the thread that reads, a stopped process, a slow network) falls behind on a core subscription and is cut off. JetStream pull consumers ask for what they ' +
    'can take and do not suffer from this unless they ask for too much.',
  fix: 'Hand messages over and return at once, spread the subscription over a queue group, or take the subject from a stream with a pull consumer.',
  symptoms: [
    'Slow Consumer Detected: MaxPending of 67108864 Exceeded',
    'Slow Consumer Detected: WriteDeadline of 10s exceeded',
    'slow consumer',
  ],
  matches: [/slow consumer/i],
  *live(facts) {
    for (const { name: server, varz, connections } of facts.servers) {
      const cut = (known(connections) ?? []).filter(({ reason }) => reason?.startsWith('Slow Consumer'));
      const said = serverLines(facts).findLast(
        ({ service, text }) => service === server && /Slow Consumer Detected/.test(text),
      );
      const byClient = new Map(
        cut.map((connection) => [`${connection.name}\n${connection.user}`, connection]),
      );
      for (const { name, user, reason } of byClient.values()) {
        const times = cut.filter((other) => other.name === name && other.user === user).length;
        yield {
          place: object(user === '' ? `client ${name || 'without a name'}` : `user ${user}`),
          cause: `${server} closed ${counted(times, 'connection')} of ${name === '' ? 'a client without a name' : `client "${name}"`}${user === '' ? '' : ` (user ${user})`}: ${reason}.`,
          fix: `Let ${name || 'that client'} return from its message handler at once; what waited for it was thrown away.`,
          ...(said === undefined ? {} : { symptom: said.text.trim() }),
        };
      }
      const count = known(varz)?.slowConsumers ?? 0;
      if (count > 0 && cut.length === 0)
        yield {
          place: object(`server ${server}`),
          cause: `${server} has found ${counted(count, 'slow consumer')} since it was started; their connections are not listed any more.`,
          fix: `\`devenv logs ${server}\` has their addresses, under "Slow Consumer Detected".`,
          ...(said === undefined ? {} : { symptom: said.text.trim() }),
        };
    }
  },
});

import type { StaticFacts } from '../../facts.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { type Capture, isOfNats, trafficOf, type Use } from './subject-traffic.ts';

export const s06RequestCaptured = defineRule({
  id: 'S06',
  title: 'a stream answers a request',
  severity: 'error',
  meaning: 'The subject of a request is captured by a stream, whose acknowledgement arrives as the reply.',
  cause:
    'A stream acknowledges every message that carries a reply subject, and a request is such a message. The client takes ' +
    'the first reply that comes: `{"stream":"ORDERS","seq":1}` in place of the answer, nearly always before the service ' +
    'that was asked.',
  fix:
    'Keep requests out of the subjects of streams: narrow the stream, or give requests a first word of their own ' +
    '(`api.orders.get` beside `orders.>`).',
  symptoms: ['{"stream":"ORDERS","seq":1}', '{"stream":"ORDERS", "seq":1}'],
  matches: [/\{\s*"stream"\s*:\s*"[^"]+"\s*,(\s*"domain"\s*:\s*"[^"]*"\s*,)?\s*"seq"\s*:\s*\d+/],
  *static(facts: StaticFacts) {
    for (const { uses, captured } of trafficOf(facts)) {
      const asked = uses.filter(({ verb }) => verb === 'requests');
      for (const use of uses) {
        if (use.verb !== 'requests' && use.verb !== 'serves') continue;
        const capture = first(captured.crossing(use.pattern));
        if (capture === undefined || isOfNats(use)) continue;
        // Who asks is told; who answers only when nobody is known to ask.
        if (use.verb === 'serves' && asked.some(({ pattern }) => pattern === use.pattern)) continue;
        yield report(use, capture);
      }
    }
  },
});

function first(captures: Iterable<Capture>): Capture | undefined {
  for (const capture of captures) if (capture.stream.fields.noAck !== true) return capture;
  return undefined;
}

const report = ({ actor, verb, pattern, place }: Use, { stream, item, pattern: kept }: Capture) => ({
  place: place(),
  cause:
    `${actor.title} ${verb === 'requests' ? 'sends requests to' : 'answers requests on'} "${pattern}", and ` +
    `${stream.title} captures "${kept}" (${placeText(stream.place('subjects', item))}): its acknowledgement is the reply.`,
  fix: `Narrow the subjects of ${stream.name} so that none matches "${pattern}", or ask on a subject of its own.`,
  symptom: `{"stream":"${stream.name}","seq":1}`,
});

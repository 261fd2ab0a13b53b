import { formatSize } from '../../../topology/sizes.ts';
import type { StaticFacts } from '../../facts.ts';
import type { Place } from '../../finding.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { serverConf } from '../../nats-conf/server.ts';
import { placeText } from '../../place-text.ts';
import { defineRule } from '../../rule.ts';
import { writtenStreams } from '../../written/streams.ts';

export const r10MessageSizes = defineRule({
  id: 'R10',
  title: 'messages that are larger than something takes',
  severity: 'warning',
  meaning: 'A stream allows messages that the server does not take, or is smaller than one message.',
  cause:
    'Three sizes meet: max_payload of the server, max_msg_size of the stream and max_bytes of the stream. A client ' +
    'refuses what is larger than max_payload by itself, the stream what is larger than max_msg_size (10054). A message ' +
    'that is larger than the whole stream is acknowledged and dropped at once when the stream discards old ones.',
  fix: 'Keep max_msg_size at most max_payload, and max_bytes well above the largest message.',
  symptoms: [
    'message size exceeds maximum allowed',
    'max_payload size exceeded',
    'MAX_PAYLOAD_EXCEEDED',
    'nats: maximum payload exceeded',
    'Maximum Payload Violation',
  ],
  codes: [10054],
  *static(facts: StaticFacts) {
    const own = facts.project && {
      bytes: facts.project.topology.nats.maxPayload,
      place: facts.project.place(['nats', 'limits', 'max_payload']),
    };
    const foreign = facts.confs.map(serverConf).find(({ jetstream }) => jetstream.enabled);
    for (const stream of writtenStreams(facts)) {
      const payload = stream.kind === 'manifest' ? foreign && payloadOf(foreign) : own;
      const { maxMsgSize = -1, maxBytes = -1, discard = 'old' } = stream.fields;
      if (payload && maxMsgSize > payload.bytes) {
        yield {
          place: stream.place('maxMsgSize'),
          cause: `${stream.title} takes messages of ${formatSize(maxMsgSize)}, and the server none above ${formatSize(payload.bytes)} (max_payload, ${placeText(payload.place)}).`,
          fix: `Write ${stream.spelling('maxMsgSize')}: ${formatSize(payload.bytes)}, or raise max_payload.`,
          symptom: 'max_payload size exceeded',
        };
        continue;
      }
      const largest = maxMsgSize > 0 ? maxMsgSize : payload?.bytes;
      if (largest === undefined || maxBytes <= 0 || maxBytes >= largest) continue;
      yield {
        place: stream.place('maxBytes'),
        cause:
          `${stream.title} holds ${formatSize(maxBytes)}, and one message may have ${formatSize(largest)}: ` +
          (discard === 'old' ? 'such a one is acknowledged and dropped at once.' : 'such a one is refused.'),
        fix: `Write ${stream.spelling('maxBytes')}: ${formatSize(largest)} or more, or a max_msg_size that fits.`,
        symptom:
          discard === 'old'
            ? 'the publish is acknowledged and the stream stays empty'
            : 'maximum bytes exceeded',
      };
    }
  },
});

/** The server's own default is 1 MiB. */
function payloadOf({ maxPayload, document }: ReturnType<typeof serverConf>): { bytes: number; place: Place } {
  return maxPayload === undefined
    ? { bytes: 2 ** 20, place: { kind: 'file', file: document.file, line: 1, column: 1 } }
    : { bytes: maxPayload.value, place: placeOf(maxPayload.span) };
}

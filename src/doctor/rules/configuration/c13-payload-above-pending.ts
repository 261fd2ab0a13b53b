import { formatSize } from '../../../topology/sizes.ts';
import type { Place, Report } from '../../finding.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { serverConf } from '../../nats-conf/server.ts';
import { defineRule } from '../../rule.ts';

const MIB = 1024 ** 2;
const DEFAULT_PAYLOAD = MIB;
const DEFAULT_PENDING = 64 * MIB;
/** The server warns above it. */
const DISCOURAGED = 8 * MIB;

/** C13: one message has to fit into what may wait for one client. */
export const c13PayloadAbovePending = defineRule({
  id: 'C13',
  title: 'max_payload above max_pending',
  severity: 'error',
  meaning: 'The largest message that is allowed is larger than everything that may wait for one client.',
  cause:
    'max_pending (64MB by default) bounds what the server holds for a client that does not read fast enough, so max_payload cannot be higher. `nats-server -t` accepts it; the server then refuses to start. Above 8MB it starts with a warning: large messages hold up all others on the connection.',
  fix: 'Lower max_payload, or raise max_pending to several times as much; better, keep large data elsewhere and send a reference.',
  symptoms: [
    'max_payload (104857600) cannot be higher than max_pending (67108864)',
    'Maximum payloads over 8.00 MB are generally discouraged and could lead to poor performance',
  ],
  matches: [/max_payload \(\d+\) cannot be higher than max_pending \(\d+\)/],
  *static({ confs, project }) {
    for (const document of confs) {
      const { maxPayload, maxPending } = serverConf(document);
      const at = maxPayload ?? maxPending;
      if (at !== undefined)
        yield* compared(maxPayload?.value, maxPending?.value, placeOf(at.span), 'nats.conf');
    }
    if (project !== null) {
      const { maxPayload, maxPending } = project.topology.nats;
      const key =
        project.written(['nats', 'limits', 'max_payload']) === undefined ? 'max_pending' : 'max_payload';
      yield* compared(maxPayload, maxPending, project.place(['nats', 'limits', key]), 'devenv.yaml');
    }
  },
});

function* compared(
  wantedPayload: number | undefined,
  wantedPending: number | undefined,
  place: Place,
  file: string,
): Iterable<Report> {
  // 0 stands for the default, too.
  const payload = wantedPayload || DEFAULT_PAYLOAD;
  const pending = wantedPending || DEFAULT_PENDING;
  if (payload > pending)
    yield {
      place,
      cause: `max_payload is ${formatSize(payload)} and max_pending ${formatSize(pending)}, so the server does not start.`,
      fix: `Write max_payload: ${formatSize(Math.min(pending, DISCOURAGED))} or less, or max_pending: ${formatSize(payload * 4)}, in ${file}.`,
      symptom: `max_payload (${payload}) cannot be higher than max_pending (${pending})`,
    };
  else if (payload > DISCOURAGED)
    yield {
      place,
      severity: 'warning',
      cause: `Messages of ${formatSize(payload)} are allowed, and above 8MiB one message holds up all others of its connection.`,
      fix: 'Keep large data elsewhere and send a reference; or write max_payload: 8MiB at most.',
      symptom: 'Maximum payloads over 8.00 MB are generally discouraged and could lead to poor performance',
    };
}

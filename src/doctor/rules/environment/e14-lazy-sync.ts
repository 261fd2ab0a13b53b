import { formatDuration } from '../../../topology/durations.ts';
import { versionReading } from '../../compose/nats-services.ts';
import type { Report } from '../../finding.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { type ServerConf, serverConf } from '../../nats-conf/server.ts';
import { isAtLeast } from '../../nats-conf/versions.ts';
import { defineRule } from '../../rule.ts';

const DEFAULT_MS = 120_000;
/** Whoever wrote less has thought about it. */
const DELIBERATE_MS = 10_000;

/** E14: an acknowledged message may still be on its way to the disk. */
export const e14LazySync = defineRule({
  id: 'E14',
  title: 'messages synced to disk long after they are acknowledged',
  severity: 'note',
  meaning:
    'When the operating system crashes or loses power, messages of the last minutes are lost although they were acknowledged.',
  cause:
    'JetStream acknowledges when a message is with the operating system and syncs files every two minutes (sync_interval). A server that is killed loses nothing; a machine that loses power does, unless other servers have copies.',
  fix: 'Where a single server has to keep every message, write sync_interval: always within jetstream (2.10 and later), which costs throughput; or replicate streams over three servers.',
  symptoms: ['no error at all: messages that were acknowledged are missing after a power cut'],
  versions: 'sync_interval is a field from 2.10 on; 2.9 always waits two minutes',
  *static(facts) {
    for (const document of facts.confs) {
      const conf = serverConf(document);
      yield* inConf(conf, versionReading(facts, conf));
    }
    const { project } = facts;
    const interval = project?.topology.nats.syncInterval;
    // The default of a local environment is not worth a word; a longer one was somebody's decision.
    if (project !== null && typeof interval === 'number' && interval > DEFAULT_MS)
      yield lateBy(interval, project.place(['nats', 'sync_interval']));
  },
});

function* inConf({ jetstream }: ServerConf, version: string): Iterable<Report> {
  const { enabled, span, syncInterval } = jetstream;
  if (!enabled || span === undefined || syncInterval?.value === 'always') return;
  if (syncInterval === undefined) {
    const known = isAtLeast(version, '2.10.0');
    yield {
      ...lateBy(DEFAULT_MS, placeOf(span)),
      ...(known
        ? {}
        : {
            fix: `nats-server ${version} cannot be told otherwise: take 2.10 or later and write sync_interval: always, or replicate streams over three servers.`,
          }),
    };
  } else if (syncInterval.value > DELIBERATE_MS) yield lateBy(syncInterval.value, placeOf(syncInterval.span));
}

const lateBy = (ms: number, place: Report['place']): Report => ({
  place,
  cause: `Files are synced every ${formatDuration(Math.round(ms))}, so a power cut takes up to that much of what was acknowledged.`,
  fix: 'Write sync_interval: always within jetstream where every message has to survive a power cut on one server, or a few seconds as a compromise.',
});

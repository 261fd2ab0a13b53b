import { mountAt } from '../../compose/mounts.ts';
import {
  isDataMount,
  type NatsService,
  natsServices,
  runningNatsServices,
} from '../../compose/nats-services.ts';
import type { StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { type ServerConf, serverConf } from '../../nats-conf/server.ts';
import { defineRule } from '../../rule.ts';

const WARNING = 'Temporary storage directory used, data could be lost on system reboot';

/** E04: without store_dir streams are kept where the system cleans up. */
export const e04TemporaryStore = defineRule({
  id: 'E04',
  title: 'streams in a temporary folder',
  severity: 'warning',
  meaning: 'JetStream stores in a temporary folder, because no other was named or because one was.',
  cause:
    "Without store_dir the server stores below the system's folder for temporary files (/tmp/nats/jetstream), which is emptied at a reboot and, in a container, gone with it. Servers from 2.10 on log a warning; 2.9 says nothing.",
  fix: 'Write store_dir within jetstream, or give --store_dir, with a folder that stays; in a container mount a volume there.',
  symptoms: [WARNING],
  matches: [/Temporary storage directory used/i],
  versions: 'logged from 2.10 on; the folder is the same before',
  *static(facts: StaticFacts): Iterable<Report> {
    for (const nats of runningNatsServices(facts)) yield* inService(nats);
    const read = new Set(natsServices(facts).map(({ conf }) => conf));
    for (const document of facts.confs) {
      const conf = serverConf(document);
      if (!read.has(conf)) yield* inConf(conf);
    }
  },
});

function* inService(nats: NatsService): Iterable<Report> {
  const { service, store, conf } = nats;
  // Where something is mounted, the question is whether it is mounted at the right place: E16.
  if (store?.from !== 'default' || service.mounts.some((mount) => isDataMount(nats, mount))) return;
  if (mountAt(service.mounts, store.folder) !== undefined) return;
  const { span } = conf?.jetstream ?? {};
  yield {
    place: span === undefined ? service.yaml.place(store.path) : placeOf(span),
    cause: `Service ${service.name} has JetStream and no store_dir, so its streams are in ${store.folder} and gone with the container.`,
    fix: 'Give it --store_dir /data (or store_dir: "/data" within jetstream) and mount a volume there: volumes: ["nats-data:/data"].',
  };
}

function* inConf({ jetstream, document }: ServerConf): Iterable<Report> {
  const { storeDir, span } = jetstream;
  if (!jetstream.enabled || span === undefined) return;
  if (storeDir === undefined)
    yield {
      place: placeOf(span),
      cause: `${document.file} switches JetStream on without a store_dir, so its streams are in the system's temporary folder.`,
      fix: 'Write store_dir: "/var/lib/nats" within jetstream, or another folder that stays.',
    };
  else if (/^\/(tmp|var\/tmp|dev\/shm|run|private\/tmp)(\/|$)/.test(storeDir.value))
    yield {
      place: placeOf(storeDir.span),
      cause: `${storeDir.value} is in a folder that the system empties at a reboot.`,
      fix: 'Write a folder that stays, such as /var/lib/nats.',
    };
}

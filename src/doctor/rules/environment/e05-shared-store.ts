import { posix } from 'node:path';
import { folder, mountAt } from '../../compose/mounts.ts';
import {
  hostPath,
  type NatsService,
  natsServices,
  runningNatsServices,
} from '../../compose/nats-services.ts';
import type { StaticFacts } from '../../facts.ts';
import type { Place } from '../../finding.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { serverConf } from '../../nats-conf/server.ts';
import { defineRule } from '../../rule.ts';

/** E05: no lock tells a second server that the store has an owner. */
export const e05SharedStore = defineRule({
  id: 'E05',
  title: 'two servers on one store',
  severity: 'error',
  meaning: 'Two servers keep their streams in the same folder.',
  cause:
    'nats-server does not lock its store. Two servers on one folder both start, both report healthy, and each overwrites what the other stored, without an error from anybody, until one of them reads the files again.',
  fix: 'Give every server a volume or a folder of its own.',
  symptoms: [
    'no error at all: messages that were acknowledged are missing after a restart',
    'Error recovering stream',
  ],
  *static(facts) {
    const owners = new Map<string, string>();
    for (const { key, label, place, shown, copies } of stores(facts)) {
      const owner = owners.get(key);
      owners.set(key, owner ?? label);
      if (owner !== undefined)
        yield {
          place,
          cause: `${label} stores its streams in ${shown}, and so does ${owner}.`,
          fix: 'Give each of them a volume or a folder of its own.',
        };
      else if (copies > 1)
        yield {
          place,
          cause: `${copies} containers of ${label} run with the same ${shown}.`,
          fix: 'Write one service for each server, with a name and a volume of its own.',
        };
    }
  },
});

interface Store {
  /** The same for two servers exactly if they store in one place. */
  key: string;
  label: string;
  shown: string;
  place: Place;
  copies: number;
}

function* stores(facts: StaticFacts): Iterable<Store> {
  for (const nats of runningNatsServices(facts)) yield* ofService(nats);
  const read = new Set(natsServices(facts).map(({ conf }) => conf));
  for (const { document, jetstream } of facts.confs.map(serverConf).filter((conf) => !read.has(conf))) {
    const { enabled, storeDir, span } = jetstream;
    const at = storeDir?.span ?? span;
    // A variable has another value in every environment.
    if (!enabled || at === undefined || storeDir?.raw.startsWith('$')) continue;
    const shown = storeDir?.value ?? '/tmp/nats';
    yield {
      key: `host ${folder(shown)}`,
      label: document.file,
      shown,
      place: placeOf(at),
      copies: 1,
    };
  }
}

function* ofService({ service, store }: NatsService): Iterable<Store> {
  const mount = store && mountAt(service.mounts, store.folder);
  if (store === undefined || mount?.source === undefined) return;
  const inside = posix.relative(mount.target, store.folder);
  const onHost = hostPath(service, mount, store.folder);
  yield {
    key:
      onHost === undefined
        ? `volume ${service.yaml.file} ${mount.source} ${posix.join(mount.subpath ?? '', inside)}`
        : `host ${onHost.replace(/\/jetstream$/, '')}`,
    label: `service ${service.name}`,
    shown: onHost === undefined ? `volume ${mount.source}` : mount.source,
    place: service.yaml.place(mount.path),
    copies: service.replicas,
  };
}

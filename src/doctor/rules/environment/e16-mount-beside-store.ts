import { mountAt } from '../../compose/mounts.ts';
import { isDataMount, type NatsService, runningNatsServices } from '../../compose/nats-services.ts';
import type { Report } from '../../finding.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { defineRule } from '../../rule.ts';

/** E16: a volume at one path does not help a store at another. */
export const e16MountBesideStore = defineRule({
  id: 'E16',
  title: 'volume mounted beside the store',
  severity: 'error',
  meaning: 'The volume of a server is mounted at one path, and its streams are stored at another.',
  cause:
    'Streams are in <store_dir>/jetstream. When no mount covers that folder, they are in the writable layer of the container, and the next `docker compose up` that recreates it starts with nothing, while the volume stays empty and looks fine.',
  fix: 'Mount the volume at store_dir, or set store_dir to where the volume is mounted.',
  symptoms: [
    'stream not found (10059), after the container was recreated',
    'no error at all: streams and messages are gone after docker compose down && docker compose up',
  ],
  codes: [10059],
  *static(facts) {
    for (const nats of runningNatsServices(facts)) yield* inService(nats);
  },
});

function* inService(nats: NatsService): Iterable<Report> {
  const { service, store, conf } = nats;
  // E04 speaks of a store that nobody chose and nobody mounted anything for.
  if (store === undefined) return;
  const { yaml, name, mounts } = service;
  const covering = mountAt(mounts, store.folder);
  const storeDir = store.folder.replace(/\/jetstream$/, '');
  const beside = mounts.find((mount) => isDataMount(nats, mount));
  const span = store.from === 'conf' ? conf?.jetstream.storeDir?.span : undefined;
  if (covering?.kind === 'tmpfs')
    yield {
      place: yaml.place(covering.path),
      severity: 'warning',
      cause: `Service ${name} stores its streams in ${store.folder}, which is a tmpfs: they are gone when the container stops.`,
      fix: `Mount a volume instead: volumes: ["nats-data:${storeDir}"].`,
    };
  else if (covering === undefined && beside !== undefined)
    yield {
      place: yaml.place(beside.path),
      cause: `${beside.source ?? 'A volume'} is mounted at ${beside.target}, but service ${name} stores its streams in ${store.folder}, which is gone with the container.`,
      fix: `Set store_dir to ${beside.target}, or mount the volume at ${storeDir}.`,
      ...(span === undefined
        ? {}
        : {
            edits: [
              { file: span.file, start: span.start, end: span.end, text: JSON.stringify(beside.target) },
            ],
          }),
    };
  else if (covering === undefined && store.from !== 'default') {
    yield {
      place: span === undefined ? yaml.place(store.path) : placeOf(span),
      severity: 'warning',
      cause: `Service ${name} stores its streams in ${store.folder}, and nothing is mounted there, so they are gone with the container.`,
      fix: `Mount a volume: volumes: ["nats-data:${storeDir}"].`,
    };
  }
}

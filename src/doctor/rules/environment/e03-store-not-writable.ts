import { isWithin, mountAt } from '../../compose/mounts.ts';
import { type NatsService, runningNatsServices, servicesReading } from '../../compose/nats-services.ts';
import type { StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { namedFile } from '../../named-files.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import type { ConfDocument } from '../../nats-conf/document.ts';
import { serverConf } from '../../nats-conf/server.ts';
import { storeFolder } from '../../nats-conf/tls-files.ts';
import { defineRule } from '../../rule.ts';

/** E03: the store has to be a folder that the server may write to. */
export const e03StoreNotWritable = defineRule({
  id: 'E03',
  title: 'store that the server cannot write to',
  severity: 'error',
  meaning: 'What is mounted where the streams are stored cannot be written by the server, or is no folder.',
  cause:
    'nats-server makes its store folder at start and ends when it cannot. A volume on a path that the image does not have belongs to root, and so does a folder on the host that Docker had to make; with `user:` the server is somebody else. A mount with :ro cannot be written by anybody, and a file that is mounted there is no folder.',
  fix: 'Give the folder to the user that the server runs as (`chown 1000:1000 ./data`), leave `user:` out, or mount without :ro.',
  symptoms: [
    "Can't start JetStream: could not create storage directory - mkdir /data/jetstream: permission denied",
    "Can't start JetStream: could not create storage directory - mkdir /data/jetstream: read-only file system",
    "Can't start JetStream: storage directory is not writable",
    "Can't start JetStream: storage directory is not a directory",
  ],
  matches: [/storage directory is not (a directory|writable)/i, /could not create storage directory/i],
  *static(facts) {
    for (const nats of runningNatsServices(facts)) yield* inService(nats);
    for (const document of facts.confs) yield* onThisMachine(facts, document);
  },
});

/** Without a container the path is one of this machine, where a look tells. */
function* onThisMachine(facts: StaticFacts, document: ConfDocument): Iterable<Report> {
  const conf = serverConf(document);
  const store = storeFolder(document);
  if (store === undefined || !conf.jetstream.enabled || servicesReading(facts, conf).length > 0) return;
  const found = namedFile(facts, document, store.value);
  if (found === undefined || found.kind === 'missing' || found.kind === 'folder') return;
  yield {
    place: placeOf(store.span),
    cause: `store_dir is ${store.value}, which ${found.kind === 'text' ? 'is a file' : found.reason}, and the server has to have a folder there.`,
    fix: 'Name a folder, or one that is not there yet: the server makes it.',
    symptom: "Can't start JetStream: storage directory is not a directory",
  };
}

function* inService({ service, store }: NatsService): Iterable<Report> {
  if (store === undefined) return;
  const { yaml, path, mounts, user, name } = service;
  const mount = mountAt(mounts, store.folder);
  const failure = `Can't start JetStream: could not create storage directory - mkdir ${store.folder}`;
  if (mount === undefined) {
    if (!service.readOnly) return;
    yield {
      place: yaml.place([...path, 'read_only']),
      cause: `The file system of service ${name} is read-only and nothing is mounted at ${store.folder}, where the streams are stored.`,
      fix: `Mount a volume there: volumes: ["nats-data:${store.folder.replace(/\/jetstream$/, '')}"].`,
      symptom: `${failure}: read-only file system`,
    };
    return;
  }
  const place = yaml.place(mount.path);
  const isFile = mount.kind === 'config' || (mount.kind === 'bind' && /\.\w{2,5}$/.test(mount.source ?? ''));
  if (isFile && isWithin(store.folder, mount.target))
    yield {
      place,
      cause: `The file ${mount.source} is mounted at ${mount.target}, where service ${name} has to have a folder for its streams.`,
      fix: 'Mount the file at another path, and a volume or a folder here.',
      symptom: "Can't start JetStream: storage directory is not a directory",
    };
  else if (mount.readOnly)
    yield {
      place,
      cause: `${mount.target} is mounted read-only, and service ${name} stores its streams in ${store.folder}.`,
      fix: 'Leave :ro (read_only) out for the store; keep it for configuration.',
      symptom: `${failure}: read-only file system`,
    };
  else if (
    user !== undefined &&
    !/^(0|root)(:|$)/.test(user) &&
    !user.includes('$') &&
    mount.kind !== 'tmpfs'
  )
    yield {
      place,
      severity: 'warning',
      cause: `Service ${name} runs as ${user}, and ${mount.kind === 'bind' ? `${mount.source} belongs to whoever made it: root, when Docker had to` : `the new volume ${mount.source ?? ''} belongs to root`.replace('volume  ', 'volume ')}.`,
      fix:
        mount.kind === 'bind'
          ? `Make the folder before the first start and give it to that user: mkdir -p ${mount.source} && chown ${user} ${mount.source}.`
          : `Leave user out, or give the volume to that user once: docker run --rm -v VOLUME:${mount.target} alpine chown ${user} ${mount.target}.`,
      symptom: `${failure}: permission denied`,
    };
}

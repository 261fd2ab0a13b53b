import { posix } from 'node:path';
import { mountAt } from './compose/mounts.ts';
import { hostPath, servicesReading } from './compose/nats-services.ts';
import type { NamedFile, StaticFacts } from './facts.ts';
import type { ConfDocument } from './nats-conf/document.ts';
import { serverConf } from './nats-conf/server.ts';
import { storeFolder, tlsFiles } from './nats-conf/tls-files.ts';

/** Paths on this machine of the files that configurations name, relative like the names of the configurations; each once. */
export function namedPaths(facts: StaticFacts): readonly string[] {
  const paths = facts.confs.flatMap((document) => {
    const store = storeFolder(document);
    const named = tlsFiles(document).flatMap((files) => Object.values(files));
    return [...named, ...(store === undefined ? [] : [store])].flatMap(({ value }) =>
      pathsOnHost(facts, document, value),
    );
  });
  return [...new Set(paths)];
}

/**
 * Where a file may be that a nats.conf names. In a container it is what is mounted there, as far as that comes from this
 * machine; else it is the very path, and one without a slash at its beginning counts from where the server is started:
 * that is mostly here, or beside the configuration.
 */
function pathsOnHost(facts: StaticFacts, document: ConfDocument, named: string): readonly string[] {
  const { file, embedded } = document;
  const services = servicesReading(facts, serverConf(document));
  if (services.length > 0) {
    const inside = posix.resolve('/', named);
    return services.flatMap(({ service }) => {
      const mount = mountAt(service.mounts, inside);
      return (mount && hostPath(service, mount, inside)) ?? [];
    });
  }
  // Under Kubernetes and the like nobody knows.
  if (embedded !== undefined) return [];
  if (posix.isAbsolute(named)) return [named];
  return [...new Set([posix.normalize(named), posix.join(posix.dirname(file), named)])];
}

/** What was found behind a path of a nats.conf: the first place where something is; undefined when nobody looked. */
export function namedFile(facts: StaticFacts, document: ConfDocument, named: string): NamedFile | undefined {
  const found = pathsOnHost(facts, document, named).flatMap((path) => facts.files?.found.get(path) ?? []);
  return found.find(({ kind }) => kind !== 'missing') ?? found[0];
}

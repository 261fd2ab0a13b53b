import { isMap } from '../../compose/yaml-parts.ts';
import type { Place } from '../../finding.ts';
import { defineRule } from '../../rule.ts';

/** E11: what a server keeps in memory ends with it. */
export const e11MemoryStream = defineRule({
  id: 'E11',
  title: 'stream in memory only',
  severity: 'warning',
  meaning: 'A stream is kept in memory, so that it is gone, with its consumers, when the server restarts.',
  cause:
    'A stream with storage memory is no cache in front of a file: after a restart of a single server neither the messages nor the stream nor its consumers exist. Workers then fail with "stream not found" until somebody creates all of it again. With three replicas it survives as long as two servers stay up.',
  fix: 'Write storage: file, unless losing everything at a restart is what is wanted.',
  symptoms: ['stream not found (10059)', 'consumer not found (10014)'],
  codes: [10059, 10014],
  *static({ project, manifests }) {
    const told = (name: string, place: Place) => ({
      place,
      cause: `Stream ${name} is kept in memory: after a restart of the server neither it nor its consumers exist.`,
      fix: 'Write storage: file, unless losing everything at a restart is what is wanted.',
    });
    if (project !== null) {
      const { streams, families, services } = project.topology;
      const single = streams.filter(({ family }) => family === undefined);
      for (const { name, storage, replicas } of single)
        if (storage === 'memory' && replicas === 1)
          yield told(
            name,
            project.place(['streams', streams.findIndex((one) => one.name === name), 'storage']),
          );
      for (const [index, { name, pattern }] of families.entries())
        if (pattern.storage === 'memory' && pattern.replicas === 1)
          yield told(name, project.place(['families', index, 'storage']));
      for (const service of services)
        for (const [index, { name, storage, replicas = 1 }] of service.creates.streams.entries())
          if (storage === 'memory' && replicas === 1)
            yield told(
              name,
              project.place(['services', service.name, 'creates', 'streams', index, 'storage']),
            );
    }
    // As `nats stream info --json` and `nats stream add --config` have it.
    for (const { value, place } of manifests)
      if (
        isMap(value) &&
        value.storage === 'memory' &&
        typeof value.name === 'string' &&
        Array.isArray(value.subjects)
      )
        if (Number(value.num_replicas ?? 1) < 2) yield told(value.name, place(['storage']));
  },
});

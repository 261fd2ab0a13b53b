import { servicesReading, versionReading } from '../../compose/nats-services.ts';
import { checkConf } from '../../nats-conf/check.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { serverConf } from '../../nats-conf/server.ts';
import { defineRule } from '../../rule.ts';

/** C04: a field that this version of nats-server does not have yet. */
export const c04FieldOfNewerVersion = defineRule({
  id: 'C04',
  title: 'field of a newer nats-server',
  severity: 'error',
  meaning: 'The configuration uses a field that the server which reads it does not have yet.',
  cause:
    'An unknown field stops nats-server, and fields are added with almost every release: sync_interval came with 2.10, strict with 2.11. A file that was written for a newer server, or an image whose tag is older than thought, ends in an unknown field that every manual lists.',
  fix: 'Take a server of at least the version that has the field, or leave the field out.',
  symptoms: ['nats.conf:4:3: unknown field "sync_interval"'],
  *static(facts) {
    for (const document of facts.confs) {
      const conf = serverConf(document);
      const version = versionReading(facts, conf);
      const [reader] = servicesReading(facts, conf);
      const image =
        reader?.version === undefined
          ? ''
          : ` (image ${reader.service.image} of service ${reader.service.name})`;
      for (const { code, since, span, message, subject } of checkConf(document, version)) {
        if (code !== 'unknown-field' || since === undefined) continue;
        yield {
          place: placeOf(span),
          cause: `nats-server ${version}${image} does not know ${subject}, which came with ${since}.`,
          fix: `Take nats-server ${since.split(' ').at(-1)} or later, or leave ${subject} out.`,
          symptom: `${span.file}:${span.line}:${span.column}: ${message}`,
        };
      }
    }
  },
});

import { nearest } from '../../../topology/nearest.ts';
import { NATS_FLAGS } from '../../compose/nats-flags.ts';
import { type NatsService, natsServices } from '../../compose/nats-services.ts';
import type { Report } from '../../finding.ts';
import { defineRule } from '../../rule.ts';

/** C24: an unknown flag prints the help and ends with status 0, which looks like success to a script. */
export const c24UnknownFlag = defineRule({
  id: 'C24',
  title: 'argument that nats-server does not know',
  severity: 'error',
  meaning: 'nats-server is started with a flag or a word that it does not know.',
  cause:
    'At an unknown flag nats-server prints its usage and exits with status 0: a container ends at once without an error, and a script that validates with --dry-run finds every configuration good. There is no --dry-run; -t checks a file. In the image nats:<version> the entry point is nats-server itself, so that the word nats-server in the command is one too many.',
  fix: 'Write flags that `nats-server --help` lists; to check a configuration, `nats-server -t -c FILE`.',
  symptoms: ['flag provided but not defined: -dry-run', 'nats-server: unrecognized command: "nats-server"'],
  matches: [/flag provided but not defined: -[\w-]+/, /nats-server: unrecognized command/],
  *static(facts) {
    for (const nats of natsServices(facts)) yield* refusedBy(nats);
  },
});

function* refusedBy({ service, contents, arguments: { refused } }: NatsService): Iterable<Report> {
  if (refused === undefined) return;
  const { kind, name, word } = refused;
  const place = service.yaml.place(word.path);
  if (kind === 'flag') {
    const near = /^dry[-_]?run$|^check$|^test$/.test(name) ? 't' : nearest(name, NATS_FLAGS);
    yield {
      place,
      cause: `nats-server of service ${service.name} knows no flag --${name}, prints its usage and exits with status 0.`,
      fix:
        near === undefined
          ? 'Write a flag that `nats-server --help` lists, or leave it out.'
          : `Write ${near.length > 2 ? `--${near}` : `-${near}`}${near === 't' ? ' (check the configuration and exit)' : ''}, or leave it out.`,
      symptom: `flag provided but not defined: -${name}`,
    };
  } else {
    const twice = /(^|\/)nats-server$/.test(name) && contents === 'scratch';
    yield {
      place,
      cause: twice
        ? `The image ${service.image} runs nats-server by itself, so that service ${service.name} gives it its own name as an argument.`
        : `nats-server of service ${service.name} takes no word ${JSON.stringify(name)} among its flags.`,
      fix: twice
        ? 'Leave the word nats-server out of the command, or take an -alpine image.'
        : 'Write the flag that this value belongs to in front of it, or leave it out.',
      symptom: `nats-server: unrecognized command: "${name}"`,
    };
  }
}

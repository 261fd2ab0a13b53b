import { versionReading } from '../../compose/nats-services.ts';
import { type Placed, placeOf } from '../../nats-conf/conf-values.ts';
import { serverConf } from '../../nats-conf/server.ts';
import { isAtLeast } from '../../nats-conf/versions.ts';
import { defineRule } from '../../rule.ts';

/** C23: since 2.11 names are single words. */
export const c23NameWithSpaces = defineRule({
  id: 'C23',
  title: 'server or cluster name with a space',
  severity: 'error',
  meaning: 'The name of a server, a cluster or a gateway holds a space.',
  cause:
    'Names travel in the protocol between servers, where a space ends a word. Servers from 2.11 on refuse them; older ones start and then misbehave between each other.',
  fix: 'Write a single word, with hyphens in place of the spaces.',
  symptoms: [
    'server name cannot contain spaces',
    'cluster name cannot contain spaces',
    'gateway name cannot contain spaces',
  ],
  versions: 'refused from 2.11 on; accepted before',
  *static(facts) {
    for (const document of facts.confs) {
      const conf = serverConf(document);
      const names: [string, Placed<string> | undefined][] = [
        ['server', conf.serverName],
        ['cluster', conf.cluster?.name],
        ['gateway', conf.gateway?.name],
      ];
      for (const [what, name] of names) {
        if (!name?.value.includes(' ')) continue;
        const version = versionReading(facts, conf);
        const refused = isAtLeast(version, '2.11.0');
        const better = name.value.trim().replaceAll(/ +/g, '-');
        const isWord = /^[\w-]+$/.test(better) && /^["']/.test(name.raw);
        const { file, start, end } = name.span;
        yield {
          place: placeOf(name.span),
          severity: refused ? 'error' : 'warning',
          cause: `The ${what} name "${name.value}" holds a space, which nats-server ${version} ${refused ? 'refuses' : 'accepts and servers from 2.11 on refuse'}.`,
          fix: `Write "${better}".`,
          symptom: `${what} name cannot contain spaces`,
          ...(isWord ? { edits: [{ file, start, end, text: `"${better}"` }] } : {}),
        };
      }
    }
  },
});

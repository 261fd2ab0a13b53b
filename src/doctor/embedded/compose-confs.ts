import { interpolatedPieces } from '../compose/interpolation.ts';
import { mountAt } from '../compose/mounts.ts';
import { contentPath, hostPath, type NatsService, runningNatsServices } from '../compose/nats-services.ts';
import type { ComposeService } from '../compose/services.ts';
import { mapAt, textOf } from '../compose/yaml-parts.ts';
import type { StaticFacts } from '../facts.ts';
import type { ConfDocument } from '../nats-conf/document.ts';
import { parseConf, type ReadText } from '../nats-conf/parse.ts';
import { SourceText, type TextOrigin } from '../nats-conf/source-text.ts';
import type { EmbeddedConfs } from './embedded-confs.ts';
import { originOf } from './scalar-origin.ts';

/**
 * Every nats.conf that a Compose file itself holds (`configs: { x: { content: … } }`) and a NATS service reads. `textOf`
 * gives the text of a Compose file, `read` that of a file beside it which the configuration includes.
 */
export function composeConfs(
  facts: StaticFacts,
  wholeOf: (file: string) => string,
  read: (path: string) => ReadText,
): EmbeddedConfs {
  const confs = new Map<string, ConfDocument>();
  const notes: string[] = [];
  for (const server of runningNatsServices(facts)) {
    const { service, confPath } = server;
    const content = contentAt(service, confPath, facts.env, wholeOf);
    if (content === undefined || confs.has(content.id)) continue;
    const { id, unknown, text, origin, config } = content;
    if (unknown !== undefined) {
      notes.push(
        `configs.${config} of ${service.yaml.file} was not checked: Compose replaces ${unknown} in it, which is not known here.`,
      );
      continue;
    }
    const document = parseConf(confPath, text, {
      env: { ...facts.env, ...variablesOf(server) },
      version: server.version ?? facts.natsVersion,
      origin,
      read: (path) => mounted(service, path, { env: facts.env, wholeOf, read }),
    });
    const embedded = { owner: `configs.${config}`, path: contentPath(config), kind: 'compose' as const };
    confs.set(id, { ...document, embedded });
  }
  return { confs: [...confs.values()], notes };
}

interface Content {
  /** One for each text, whoever reads it. */
  id: string;
  config: string;
  /** As the container sees it. */
  text: string;
  origin: TextOrigin;
  /** A variable in it whose value nobody here knows. */
  unknown: string | undefined;
}

/** What the Compose file itself puts at a path of the container. */
function contentAt(
  service: ComposeService,
  path: string,
  env: StaticFacts['env'],
  wholeOf: (file: string) => string,
): Content | undefined {
  const mount = mountAt(service.mounts, path);
  if (mount?.kind !== 'config' || mount.target !== path || mount.source === undefined) return undefined;
  const { yaml } = service;
  const written = textOf(mapAt(yaml.value, 'configs', mount.source)?.content);
  if (written === undefined) return undefined;
  const at = originOf(
    { yaml, path: contentPath(mount.source) },
    new SourceText(yaml.file, wholeOf(yaml.file)),
    written,
  );
  const pieces = interpolatedPieces(written, env);
  return {
    id: JSON.stringify([yaml.file, mount.source]),
    config: mount.source,
    text: pieces.map(({ text }) => text).join(''),
    origin: pieces.some(({ variable }) => variable !== undefined) ? throughPieces(at, pieces) : at,
    unknown: pieces.find(({ variable, text }) => variable === text)?.variable,
  };
}

/** What a variable became stands where the variable does, and cannot be replaced as a part of the file. */
function throughPieces(origin: TextOrigin, pieces: ReturnType<typeof interpolatedPieces>): TextOrigin {
  const starts: number[] = [];
  let length = 0;
  for (const { text } of pieces) {
    starts.push(length);
    length += text.length;
  }
  return {
    whole: origin.whole,
    isVerbatim: false,
    offsetOf(at) {
      const index = Math.max(
        0,
        starts.findLastIndex((start) => start <= at),
      );
      const { from, variable } = pieces[index]!;
      return origin.offsetOf(variable === undefined ? from + at - starts[index]! : from);
    },
  };
}

/** A file that a configuration includes: another config, or a file of this machine that is mounted there. */
function mounted(
  service: ComposeService,
  path: string,
  {
    env,
    wholeOf,
    read,
  }: { env: StaticFacts['env']; wholeOf: (file: string) => string; read: (path: string) => ReadText },
): ReadText {
  const content = contentAt(service, path, env, wholeOf);
  if (content !== undefined) return { text: content.text, origin: content.origin };
  const mount = mountAt(service.mounts, path);
  const onHost = mount && hostPath(service, mount, path);
  if (onHost === undefined) return { error: 'missing', reason: `open ${path}: no such file or directory` };
  const found = read(onHost);
  if ('error' in found) return found;
  const whole = new SourceText(onHost, found.text);
  return { text: found.text, origin: { whole, offsetOf: (at) => at, isVerbatim: true } };
}

const variablesOf = ({ service }: NatsService): Record<string, string> =>
  Object.fromEntries(
    service.environment.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])),
  );

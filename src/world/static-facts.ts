import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { composeProblems, isMap } from '../doctor/compose/shape.ts';
import type { NamedFile, StaticFacts, YamlText } from '../doctor/facts.ts';
import type { ConfDocument } from '../doctor/nats-conf/document.ts';
import { DevenvError } from '../errors.ts';
import { embeddedConfs } from './embedded-confs.ts';
import { readVersion } from './read-version.ts';
import type { GatheredFacts, ReadFile, StaticSources } from './static-sources.ts';
import { readTextOf } from './text-files.ts';

export type { GatheredFacts } from './static-sources.ts';

/**
 * Reads everything that static rules reason about. Throws USAGE for files that are not there or cannot be read, and
 * CONFIG_INVALID for YAML that is none; a nats.conf may be as broken as it likes, for that is what rules are about.
 */
export async function gatherStaticFacts(sources: StaticSources): Promise<GatheredFacts> {
  const { cwd, config = null, env = {} } = sources;
  const files = new Map<string, ReadFile>();
  const read = reader(sources, files);
  const composes = await readYaml(sources.composes ?? [], 'Compose file', read);
  const manifests = await readYaml(sources.manifests ?? [], 'manifest', read);
  if (config?.declaration && config.configFile !== null) {
    const { file, text } = config.declaration;
    files.set(file, { path: config.configFile, text });
  }
  const { version, origin } = readVersion(sources, composes, manifests);
  const project =
    config === null ? null : (await import('../doctor/declared-project.ts')).declaredProject(config);
  const facts = { project, confs: [], composes, manifests, natsVersion: version, env };
  const named = sources.confs ?? [];
  const { paths, notes } =
    named.length > 0 || composes.length === 0 ? { paths: named, notes: [] } : await mountedFiles(facts, cwd);
  const embedded = await embeddedConfs(facts, { cwd, files });
  const confs = [...(await readConfs(paths, { cwd, env, version, files, read })), ...embedded.confs];
  return {
    facts: { ...facts, confs, ...(await readNamed({ ...facts, confs }, cwd)) },
    versionOrigin: origin,
    files,
    notes: [...notes, ...embedded.notes, ...(await unknownManifests(manifests))],
  };
}

/** Settings of a program of their own, say: a file that no rule reads must not look like one that was checked. */
async function unknownManifests(manifests: readonly YamlText[]): Promise<string[]> {
  if (manifests.length === 0) return [];
  const { isKnownManifest } = await import('../doctor/known-manifest.ts');
  const names = new Set(manifests.map(({ file }) => file));
  for (const text of manifests) if (isKnownManifest(text)) names.delete(text.file);
  return [...names].map(
    (name) =>
      `${name} has nothing that a rule reads: no Kubernetes resource, no values of the nats chart, no dashboard, no stream or consumer.`,
  );
}

/**
 * Who hands in a Compose file alone means the nats.conf that it mounts as well. One that is not there yet is no
 * mistake, yet nobody is to believe that it was checked.
 */
async function mountedFiles(
  facts: StaticFacts,
  cwd: string,
): Promise<{ paths: readonly string[]; notes: readonly string[] }> {
  const { mountedConfs } = await import('../doctor/mounted-confs.ts');
  const looked = mountedConfs(facts).map((path) => ({ path, reading: readTextOf(resolve(cwd, path)) }));
  return {
    paths: looked.flatMap(({ path, reading }) => ('text' in reading ? [path] : [])),
    notes: looked.flatMap(({ path, reading }) =>
      'text' in reading
        ? []
        : [`${path}, the nats.conf that a Compose file mounts, ${reading.reason}; it was not checked.`],
    ),
  };
}

/** Certificates, keys and stores that the configurations name. */
async function readNamed(facts: StaticFacts, cwd: string): Promise<Pick<StaticFacts, 'files'>> {
  if (facts.confs.length === 0) return {};
  const { namedPaths } = await import('../doctor/named-files.ts');
  const found = namedPaths(facts).map((path) => [path, lookAt(resolve(cwd, path))] as const);
  return { files: { at: Date.now(), found: new Map(found) } };
}

function lookAt(path: string): NamedFile {
  const reading = readTextOf(path);
  if ('text' in reading) return { kind: 'text', text: reading.text };
  const { error, reason } = reading;
  if (error === 'missing') return { kind: 'missing', hasFolder: existsSync(dirname(path)) };
  return { kind: error === 'folder' ? 'folder' : 'unreadable', reason };
}

const STANDARD_INPUT = '(standard input)';

type Read = (path: string, what: string) => { name: string; text: string };

function reader({ cwd, stdin }: StaticSources, files: Map<string, ReadFile>): Read {
  return (path, what) => {
    if (path === '-') {
      files.set(STANDARD_INPUT, { path: null, text: stdin ?? '' });
      return { name: STANDARD_INPUT, text: stdin ?? '' };
    }
    const absolute = resolve(cwd, path);
    const name = printedPath(cwd, absolute);
    const reading = readTextOf(absolute);
    if ('error' in reading) {
      throw new DevenvError('USAGE', `The ${what} ${name} ${reading.reason}.`, {
        hint: 'Give the path of a text file that you can read, or - for standard input.',
      });
    }
    files.set(name, { path: absolute, text: reading.text });
    return { name, text: reading.text };
  };
}

/** As short as it can be typed: relative inside the folder and near it, else absolute. */
export function printedPath(cwd: string, absolute: string): string {
  const short = relative(cwd, absolute);
  return short === '' || short.startsWith(join('..', '..', '..')) ? absolute : short;
}

async function readConfs(
  paths: readonly string[],
  {
    cwd,
    env,
    version,
    files,
    read,
  }: { cwd: string; env: StaticFacts['env']; version: string; files: Map<string, ReadFile>; read: Read },
): Promise<ConfDocument[]> {
  if (paths.length === 0) return [];
  // The parser and its tables are loaded only where there is a nats.conf.
  const { parseConf } = await import('../doctor/nats-conf/parse.ts');
  return paths.map((path) => {
    const { name, text } = read(path, 'nats.conf');
    const document = parseConf(name, text, {
      env,
      version,
      read: (included: string) => readTextOf(isAbsolute(included) ? included : resolve(cwd, included)),
    });
    for (const [file, source] of document.sources) {
      if (!files.has(file) && file !== STANDARD_INPUT) {
        files.set(file, { path: resolve(cwd, file), text: source });
      }
    }
    return document;
  });
}

async function readYaml(paths: readonly string[], what: string, read: Read): Promise<YamlText[]> {
  if (paths.length === 0) return [];
  const { yamlTexts } = await import('../doctor/yaml-texts.ts');
  return paths.flatMap((path) => {
    const { name, text } = read(path, what);
    const documents = yamlTexts(name, text);
    const problems = documents.flatMap(({ errors, value, place }) => [
      ...errors.map((error) => ({ place: error.place, message: error.message })),
      ...(errors.length > 0 ? [] : shapeProblems(value, what, place)),
    ]);
    if (documents.length === 0) {
      problems.push({
        place: { kind: 'file', file: name, line: 1, column: 1 },
        message: 'is empty: expected a map of keys and values',
      });
    }
    if (problems.length > 0) throw notYaml(what, name, text, problems);
    return documents;
  });
}

type Problem = YamlText['errors'][number];

/** Stream configurations and Kubernetes' own lists come as lists; a Compose file never does. */
function shapeProblems(value: unknown, what: string, place: YamlText['place']): readonly Problem[] {
  if (isMap(value)) return what === 'manifest' ? [] : composeProblems(value, place);
  if (Array.isArray(value) && what === 'manifest') return [];
  return [{ place: place([]), message: 'expected a map of keys and values' }];
}

function notYaml(what: string, name: string, text: string, problems: readonly Problem[]): DevenvError {
  const details = problems.slice(0, 10).map(({ place, message }) => {
    const at = place.kind === 'file' ? `${place.file}:${place.line}:${place.column}` : place.object;
    return `${at}: ${message}`;
  });
  const isTemplate = /\{\{[-\s]*(\.|include|if|range|template|toYaml)/.test(text);
  return new DevenvError('CONFIG_INVALID', `The ${what} ${name} cannot be read.`, {
    details: problems.length > 10 ? [...details, `… and ${problems.length - 10} more`] : details,
    hint: isTemplate
      ? 'It is a template of Helm: render it first, for example with `helm template . > rendered.yaml`.'
      : 'Correct the lines above and run the command again.',
  });
}

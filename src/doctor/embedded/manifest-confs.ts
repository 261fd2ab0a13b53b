import { posix } from 'node:path';
import type { StaticFacts } from '../facts.ts';
import type { ConfDocument } from '../nats-conf/document.ts';
import { parseConf, type ReadText } from '../nats-conf/parse.ts';
import { SourceText } from '../nats-conf/source-text.ts';
import { type EmbeddedFile, type EmbeddedFolder, foldersOf } from './config-maps.ts';
import type { EmbeddedConfs } from './embedded-confs.ts';
import { environmentOf, type PodEnvironment } from './pod-environment.ts';
import { atKey, originOf } from './scalar-origin.ts';

/** Every nats.conf in a ConfigMap or a Secret of the manifests; `textOf` gives the text of one of the files. */
export function manifestConfs(facts: StaticFacts, textOf: (file: string) => string): EmbeddedConfs {
  const folders = facts.manifests.flatMap(foldersOf);
  if (folders.length === 0) return { confs: [], notes: [] };
  const reading = new ManifestReading(facts, folders, textOf);
  const found = folders.flatMap((folder) =>
    [...folder.files].flatMap(([name, file]) =>
      isConf(name, file.text) ? [{ file, read: () => reading.document(folder, name, file) }] : [],
    ),
  );
  const confs = found.map(({ file, read }) => ({ file, document: read() }));
  return {
    // What another one includes is a part of that one.
    confs: confs.flatMap(({ file, document }) =>
      document === null || reading.included.has(file) ? [] : [document],
    ),
    notes: [...reading.notes],
  };
}

/** Called so, or with the fields of no other program's file. */
const isConf = (name: string, text: string): boolean =>
  /nats[\w.-]*\.(conf|cfg|config)$/i.test(name) || (/\.conf$/i.test(name) && TELLING.test(text));

const TELLING =
  /^(jetstream|leafnodes|gateway|accounts|server_name|monitor_port|max_payload|system_account|lame_duck_duration|resolver_preload)\s*[:={]/m;

class ManifestReading {
  readonly included = new Set<EmbeddedFile>();
  readonly notes = new Set<string>();
  readonly #sources = new Map<string, SourceText>();
  readonly #environment: PodEnvironment;

  readonly #facts: StaticFacts;
  readonly #folders: readonly EmbeddedFolder[];
  readonly #textOf: (file: string) => string;

  constructor(facts: StaticFacts, folders: readonly EmbeddedFolder[], textOf: (file: string) => string) {
    this.#facts = facts;
    this.#folders = folders;
    this.#textOf = textOf;
    this.#environment = environmentOf(facts.manifests);
  }

  /** null when it depends on numbers that nobody here knows. */
  document(folder: EmbeddedFolder, name: string, file: EmbeddedFile): ConfDocument | null {
    const manifest = file.yaml.file;
    const base = posix.dirname(manifest);
    const { env, unknown, unset } = this.#environment.of(file.text);
    const numbers = numbersIn(file.text);
    const number = unknown.find((variable) => numbers.has(variable));
    if (number !== undefined) {
      this.notes.add(
        `${name} of ${folder.owner} in ${manifest} was not checked: what $${number} is stands in none of the manifests.`,
      );
      return null;
    }
    if (unset.length > 0)
      this.notes.add(
        `${name} of ${folder.owner} in ${manifest} was checked without knowing ${unset.map((each) => `$${each}`).join(', ')}.`,
      );
    const document = parseConf(posix.join(base, name), file.text, {
      env: { ...env },
      version: this.#facts.natsVersion,
      origin: this.#originOf(file),
      read: (path) => this.#include(folder, posix.relative(base, path), manifest),
    });
    return { ...document, embedded: { owner: folder.owner, path: file.path, kind: 'manifest' } };
  }

  /**
   * A key of the same ConfigMap, else of another one: a projected volume lays several into one folder. What lies in a
   * folder below is another volume's, which may well be a Secret that is kept elsewhere.
   */
  #include(folder: EmbeddedFolder, path: string, manifest: string): ReadText {
    const name = posix.basename(path);
    const file = [folder, ...this.#folders].find(({ files }) => files.has(name))?.files.get(name);
    if (file !== undefined) {
      this.included.add(file);
      return { text: file.text, origin: this.#originOf(file) };
    }
    if (!path.includes('/')) return { error: 'missing', reason: `open ${path}: no such file or directory` };
    this.notes.add(
      `${path}, which ${folder.owner} in ${manifest} includes, is in none of the manifests; it was not checked.`,
    );
    return { text: '' };
  }

  #originOf(file: EmbeddedFile) {
    const { file: name } = file.yaml;
    const whole = this.#sources.get(name) ?? new SourceText(name, this.#textOf(name));
    this.#sources.set(name, whole);
    return file.isEncoded ? atKey(file, whole) : originOf(file, whole, file.text);
  }
}

/** Variables that stand for the value of a field that takes a number, a size or a duration. */
const numbersIn = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(/(?<!\w)(\w+)["']?(?:[ \t]*[:=])?[ \t]*\$(\w+)/g)].flatMap(([, field, variable]) =>
      NUMBER.test(field!) ? [variable!] : [],
    ),
  );

const NUMBER = /port$|^max_|_(interval|duration|period|timeout|delay|limit|max|size)$/i;

import { resolve } from 'node:path';
import type { EmbeddedConfs } from '../doctor/embedded/embedded-confs.ts';
import type { StaticFacts, YamlText } from '../doctor/facts.ts';
import type { ReadFile } from './static-sources.ts';
import { readTextOf } from './text-files.ts';

/** Configurations that are written into Compose files and manifests; what they include is added to `files`. */
export async function embeddedConfs(
  facts: StaticFacts,
  { cwd, files }: { cwd: string; files: Map<string, ReadFile> },
): Promise<EmbeddedConfs> {
  const wholeOf = (file: string): string => files.get(file)?.text ?? '';
  const mayHold = (texts: readonly YamlText[], pattern: RegExp): boolean =>
    texts.some(({ file }) => pattern.test(wholeOf(file)));
  const read = (path: string) => readTextOf(resolve(cwd, path));
  // The parser is loaded only where there is something for it.
  const found = [
    mayHold(facts.composes, /\bcontent\b/) &&
      (await import('../doctor/embedded/compose-confs.ts')).composeConfs(facts, wholeOf, read),
    mayHold(facts.manifests, /ConfigMap|Secret/) &&
      (await import('../doctor/embedded/manifest-confs.ts')).manifestConfs(facts, wholeOf),
  ].filter((each) => each !== false);
  const confs = found.flatMap((each) => each.confs);
  for (const { sources } of confs)
    for (const [file, text] of sources)
      if (!files.has(file)) files.set(file, { path: resolve(cwd, file), text });
  return { confs, notes: found.flatMap(({ notes }) => notes) };
}

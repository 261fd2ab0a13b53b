import type { LoadedConfig } from '../config/load.ts';
import { pathText, valueAt } from '../config/problems.ts';
import type { DeclaredProject } from './facts.ts';
import type { Place } from './finding.ts';

type Declared = Pick<LoadedConfig, 'topology' | 'place' | 'origin' | 'declaration'>;

/** A loaded configuration as rules see it. */
export function declaredProject({ topology, place, origin, declaration }: Declared): DeclaredProject {
  const isOverridden = (path: readonly (string | number)[]): boolean => {
    const at = place(path);
    const from = origin(path);
    return from !== 'default' && (at === undefined || from !== `${at.file}:${at.line}:${at.column}`);
  };
  return {
    topology,
    place(path, on = 'value'): Place {
      if (isOverridden(path)) return { kind: 'object', object: origin(path) };
      const at = place(path, on);
      if (at !== undefined) return { kind: 'file', ...at };
      return declaration === null
        ? { kind: 'object', object: `default of ${pathText(path)}` }
        : { kind: 'file', file: declaration.file, line: 1, column: 1 };
    },
    scalar(path) {
      const range = isOverridden(path) ? undefined : declaration?.yaml.scalar(path);
      if (range === undefined || declaration === null) return null;
      return { file: declaration.file, ...range, text: declaration.text.slice(range.start, range.end) };
    },
    written: (path) => valueAt(declaration?.yaml.value, path),
  };
}

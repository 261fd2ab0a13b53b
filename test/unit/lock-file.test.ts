import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repository } from '../helpers/sandbox.ts';

interface Package {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const { packages } = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Package>;
};

/** Where Node would look for `name` from `place`: its own node_modules, then those further up. */
const isLocked = (place: string, name: string): boolean => {
  if (`${place}${place && '/'}node_modules/${name}` in packages) return true;
  const up = place.lastIndexOf('/node_modules/');
  return place !== '' && isLocked(up < 0 ? '' : place.slice(0, up), name);
};

describe('package-lock.json', () => {
  it('names every package of every platform, so that `npm ci` accepts it', () => {
    const missing = Object.entries(packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !isLocked(place, name))
        .map((name) => `${place} → ${name}`),
    );
    expect(missing).toEqual([]);
  });
});

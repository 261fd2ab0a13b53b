import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rulePages } from '../../../src/doctor/rule-pages.ts';
import { repository } from '../../helpers/sandbox.ts';

const folder = join(repository, 'docs', 'rules');

describe('docs/rules', () => {
  it('is what `npm run docs` writes', async () => {
    const pages = rulePages();
    expect((await readdir(folder)).sort(), 'run `npm run docs`').toEqual([...pages.keys()].sort());
    for (const [name, text] of pages) {
      expect(await readFile(join(folder, name), 'utf8'), `${name}: run \`npm run docs\``).toBe(text);
    }
  });

  it('has no link that leads nowhere', () => {
    const pages = rulePages();
    for (const [name, text] of pages) {
      const targets = [...text.matchAll(/(?<!\\)\]\(([^)]+)\)/g)].map((match) => match[1]!);
      expect(
        targets.filter((target) => !pages.has(target)),
        name,
      ).toEqual([]);
    }
  });
});

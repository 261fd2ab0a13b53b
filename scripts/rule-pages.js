// Writes docs/rules/ from the rules themselves: `npm run docs`. A unit test compares the folder with what this writes.

import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'docs', 'rules');

const { outputFiles } = await build({
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
  logLevel: 'warning',
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire('/');",
  },
  entryPoints: ['src/doctor/rule-pages.ts'],
});
const bundle = Buffer.from(outputFiles[0].contents).toString('base64');
const { rulePages } = await import(`data:text/javascript;base64,${bundle}`);

const pages = rulePages();
await mkdir(folder, { recursive: true });
for (const name of await readdir(folder)) {
  if (!pages.has(name)) await rm(join(folder, name));
}
for (const [name, text] of pages) await writeFile(join(folder, name), text);
process.stdout.write(`${pages.size} pages in docs/rules\n`);

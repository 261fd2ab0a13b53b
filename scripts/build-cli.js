// Bundles the CLI for bin/chunks.js: CommonJS, because V8's compiled code can be kept for that on every Node.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build, transform } from 'esbuild';

const run = promisify(execFile);

/** Into dist/cli.js and dist/cli/. `common`: the options that all bundles share. */
export async function buildCli(root, common) {
  // esbuild splits ES modules only; each chunk is made CommonJS afterwards.
  const { outputFiles } = await build({
    ...common,
    banner: {},
    splitting: true,
    write: false,
    sourcemap: 'inline',
    define: { ...common.define, 'import.meta.url': '__url' },
    chunkNames: 'cli/[name]-[hash]',
    entryPoints: { cli: 'src/cli.ts' },
  });
  await Promise.all(
    outputFiles.map(async ({ path, text }) => {
      const { code, map } = await transform(text, {
        format: 'cjs',
        platform: 'node',
        target: common.target,
        supported: { 'dynamic-import': false },
        // As strict as the ES modules that it was.
        banner: '(function (exports, require, module, __url) { "use strict";',
        footer: `})\n//# sourceMappingURL=${basename(path)}.map`,
        sourcemap: 'external',
        sourcesContent: false,
        sourcefile: basename(path),
        legalComments: 'none',
      });
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, code);
      await writeFile(`${path}.map`, map);
    }),
  );
  await keepCompiled(root);
}

/**
 * Verbs that are run once, so that what they need is there compiled: those that are run most, and on all that the doctor
 * reads. Not every folder is there where devenv is built.
 */
const REHEARSALS = [
  { verb: ['doctor', '--static'], folder: 'test/fixtures/field-notes/002-server-kit' },
  { verb: ['doctor', '--static', '--json'], folder: 'test/fixtures/field-notes/003-kubernetes' },
  { verb: ['doctor', '--static'], folder: 'templates/pipeline' },
  { verb: ['up', '--dry-run', '--runtime', 'process'], folder: 'templates/pipeline' },
  { verb: ['status'], folder: 'templates/pipeline' },
  { verb: ['down'], folder: 'templates/pipeline' },
];

/** One after another: each starts with what the ones before it compiled, and keeps the sum. */
async function keepCompiled(root) {
  const home = await mkdtemp(join(tmpdir(), 'devenv-build-'));
  try {
    for (const { verb, folder } of REHEARSALS.filter((one) => existsSync(join(root, one.folder)))) {
      // How it ends does not matter: what it compiled until then is of use.
      await run(process.execPath, [join(root, 'scripts', 'keep-compiled.js'), ...verb], {
        cwd: join(root, folder),
        env: { PATH: process.env.PATH, HOME: home, DOCKER_HOST: 'unix:///nonexistent/docker.sock' },
        timeout: 60_000,
      }).catch(() => undefined);
    }
    if (!existsSync(join(root, 'dist', 'cli.js.v8'))) {
      process.stderr.write('The CLI was built without its compiled code: it starts more slowly.\n');
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

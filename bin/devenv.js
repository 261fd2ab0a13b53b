#!/usr/bin/env node
// Kept tiny and committed, so that npm can link it before `npm run build` has made dist/.
import { existsSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`devenv: Node ${process.versions.node} is too old; Node 20.19 or newer is needed.\n`);
  process.exit(3);
}
const cli = new URL('../dist/cli.js', import.meta.url);
if (!existsSync(cli)) {
  process.stderr.write(
    'devenv: dist/ is missing. Run `npm run build` in the checkout (or `npm ci`, which does it).\n',
  );
  process.exit(3);
}
await import(cli.href);

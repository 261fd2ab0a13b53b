// Runs a verb as bin/devenv.js does, and keeps beside each chunk what V8 has compiled of it by then: with the functions
// that were called, not only with those that a chunk begins with. Run by scripts/build-cli.js.

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import chunks from '../bin/chunks.js';

const scripts = new Map();
process.on('exit', () => {
  for (const [file, script] of scripts) {
    // Somebody may be running the CLI of this checkout: a file is there whole or not at all.
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, chunks.sealed(readFileSync(file), script.createCachedData()));
    renameSync(draft, chunks.compiledOf(file));
  }
});
const { load } = chunks.openChunks((file, script) => scripts.set(file, script));
load(join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist', 'cli.js'));

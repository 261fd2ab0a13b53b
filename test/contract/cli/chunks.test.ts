import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Script } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const loader = resolve(import.meta.dirname, '../../../bin/chunks.js');
const { openChunks, compiledOf, sealed } = createRequire(import.meta.url)(loader) as {
  openChunks(compiled?: (file: string, script: Script) => void): { load(file: string): unknown };
  compiledOf(file: string): string;
  sealed(source: Buffer, code: Buffer): Buffer;
};

/** A chunk as scripts/build-cli.js writes it. */
const chunk = (body: string) => `(function (exports, require, module, __url) { "use strict";\n${body}\n})\n`;

let folder: string;
let main: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devenv-chunks-'));
  main = join(folder, 'main.js');
  await mkdir(join(folder, 'more'));
  await writeFile(
    main,
    chunk(`const { twice } = require("./more/twice.js"); const { sep } = require("node:path");
module.exports = { answer: twice(21), sep, __url, again: () => require("./more/twice.js") };`),
  );
  await writeFile(
    join(folder, 'more', 'twice.js'),
    chunk('exports.twice = (n) => n * 2; exports.times = Date.now();'),
  );
});
afterEach(async () => {
  await chmod(folder, 0o755);
  await rm(folder, { recursive: true, force: true });
});

/** The answer of main.js in a process of its own, and which of the chunks ran from what was kept of them. */
async function runs(...flags: string[]): Promise<{ answer: number; kept: string[] }> {
  const program = `const kept = [];
const { openChunks } = require(${JSON.stringify(loader)});
const { answer } = openChunks((file, script) => { if (script.cachedDataRejected === false) kept.push(require('node:path').basename(file)); }).load(${JSON.stringify(main)});
console.log(JSON.stringify({ answer, kept }));`;
  return new Promise((done, fail) => {
    execFile(process.execPath, [...flags, '-e', program], (error, stdout) =>
      error === null ? done(JSON.parse(stdout) as { answer: number; kept: string[] }) : fail(error),
    );
  });
}

async function keepCompiled(): Promise<void> {
  const scripts = new Map<string, Script>();
  openChunks((file, script) => scripts.set(file, script)).load(main);
  await Promise.all(
    [...scripts].map(async ([file, script]) =>
      writeFile(compiledOf(file), sealed(await readFile(file), script.createCachedData())),
    ),
  );
}

describe('chunks of the CLI', () => {
  it('load each other, and what Node has, once', () => {
    const loaded = openChunks().load(main) as {
      answer: number;
      sep: string;
      __url: string;
      again(): unknown;
    };
    expect(loaded).toMatchObject({ answer: 42, sep: '/', __url: `file://${main}` });
    expect(loaded.again()).toBe(loaded.again());
  });

  it('run from what was kept of them', async () => {
    await keepCompiled();
    expect(await runs()).toEqual({ answer: 42, kept: ['main.js', 'twice.js'] });
  });

  it('run without what was kept by a Node with other flags', async () => {
    await keepCompiled();
    expect(await runs('--no-lazy-feedback-allocation')).toEqual({ answer: 42, kept: [] });
  });

  it.each([
    ['is empty', () => Buffer.alloc(0)],
    ['is a few bytes', () => Buffer.alloc(3)],
    ['is cut off after the checksum', (whole: Buffer) => whole.subarray(0, 8)],
    ['is cut off', (whole: Buffer) => whole.subarray(0, whole.length / 2)],
    ['is something else', (whole: Buffer) => Buffer.alloc(whole.length, 'x')],
    ['is zeros', (whole: Buffer) => Buffer.alloc(whole.length)],
    ['has one wrong bit', (whole: Buffer) => whole.with(whole.length >> 1, whole[whole.length >> 1]! ^ 1)],
  ] as const)('run without what was kept when it %s', async (_, damage) => {
    await keepCompiled();
    await writeFile(compiledOf(main), damage(await readFile(compiledOf(main))));
    expect(await runs()).toEqual({ answer: 42, kept: ['twice.js'] });
  });

  it('run as they are now, though what was kept is of a text of the same length', async () => {
    await keepCompiled();
    await writeFile(main, (await readFile(main, 'utf8')).replace('twice(21)', 'twice(50)'));
    expect(await runs()).toEqual({ answer: 100, kept: ['twice.js'] });
  });

  it('write nothing where they lie', async () => {
    const before = await readdir(dirname(main), { recursive: true });
    await chmod(folder, 0o555);
    expect(await runs()).toEqual({ answer: 42, kept: [] });
    expect(await readdir(dirname(main), { recursive: true })).toEqual(before);
  });

  it('tell of a mistake in one where it stands, and do not hand out half of it later', async () => {
    await writeFile(
      join(folder, 'more', 'twice.js'),
      chunk('exports.twice = 1;\nthrow new Error("not today");'),
    );
    const { load } = openChunks();
    for (const _ of ['first', 'second']) expect(() => load(main)).toThrow('not today');
    try {
      load(main);
    } catch (error) {
      expect((error as Error).stack).toContain(`${join(folder, 'more', 'twice.js')}:3:`);
    }
  });
});

import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ensureDir,
  readJson,
  readText,
  removeTree,
  writeFileAtomic,
  writeJson,
} from '../../../src/adapters/files.ts';

const exec = promisify(execFile);
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devenv-files-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('an atomic write', () => {
  it('must create with the mode and replace content and mode', async () => {
    const path = join(directory, 'secret');
    await writeFileAtomic(path, 'one', { mode: 0o600 });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await chmod(path, 0o644);
    await writeFileAtomic(path, 'two', { mode: 0o600 });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toBe('two');
    expect(await readdir(directory)).toEqual(['secret']);
  });

  it('must show readers the old or the new content, never a part', async () => {
    const path = join(directory, 'state.json');
    const value = (n: number) => ({ n, filler: String(n).repeat(50_000) });
    await writeJson(path, value(0));
    let writing = true;
    const writes = (async () => {
      for (let n = 1; n <= 40; n += 1) await writeJson(path, value(n % 10));
      writing = false;
    })();
    let reads = 0;
    while (writing) {
      const read = (await readJson(path)) as ReturnType<typeof value>;
      expect(read.filler).toBe(String(read.n).repeat(50_000));
      reads += 1;
    }
    await writes;
    expect(reads).toBeGreaterThan(3);
  });

  it('must fail with the reason and leave nothing where a folder or a file is in the way', async () => {
    await mkdir(join(directory, 'folder', 'x'), { recursive: true });
    await writeFile(join(directory, 'file'), 'kept');
    for (const path of [
      join(directory, 'folder'),
      join(directory, 'file', 'x'),
      join(directory, 'none', 'x'),
    ])
      await expect(writeFileAtomic(path, 'text')).rejects.toMatchObject({
        code: 'STATE_UNWRITABLE',
        message: expect.stringContaining(path),
      });
    expect((await readdir(directory)).sort()).toEqual(['file', 'folder']);
  });

  it('must name a full disk, keep the old content and leave no temporary file', async (context) => {
    const disk = join(directory, 'disk');
    await mkdir(disk);
    try {
      await exec('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
    } catch {
      return context.skip('mounting a small file system is not permitted here');
    }
    try {
      const path = join(disk, 'state.json');
      await writeFileAtomic(path, 'kept');
      await expect(writeFileAtomic(path, 'x'.repeat(200_000))).rejects.toMatchObject({
        code: 'STATE_UNWRITABLE',
        message: expect.stringContaining('no space left'),
      });
      expect(await readFile(path, 'utf8')).toBe('kept');
      expect(await readdir(disk)).toEqual(['state.json']);
      await exec('mount', ['-o', 'remount,ro', disk]);
      const attempts = [
        () => writeFileAtomic(path, 'x'),
        () => ensureDir(join(disk, 'a', 'b')),
        () => removeTree(path),
      ];
      for (const attempt of attempts)
        await expect(attempt()).rejects.toMatchObject({
          code: 'STATE_UNWRITABLE',
          message: expect.stringContaining('read-only'),
        });
    } finally {
      await exec('umount', [disk]);
    }
  });
});

describe('folders', () => {
  it('must be made with parents, and found again', async () => {
    const path = join(directory, 'a', 'b');
    await ensureDir(path, { mode: 0o700 });
    await ensureDir(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    await writeFile(join(directory, 'file'), '');
    await expect(ensureDir(join(directory, 'file'))).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
    await expect(ensureDir(join(directory, 'file', 'x'))).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
  });

  it('must be removed without following links out of them', async () => {
    await mkdir(join(directory, 'kept'));
    await writeFile(join(directory, 'kept', 'x'), '');
    await mkdir(join(directory, 'gone'));
    await symlink(join(directory, 'kept'), join(directory, 'gone', 'link'));
    await removeTree(join(directory, 'gone'));
    await removeTree(join(directory, 'gone'));
    expect(await readdir(directory)).toEqual(['kept']);
    expect(await readdir(join(directory, 'kept'))).toEqual(['x']);
  });
});

describe('reading', () => {
  it('must tell absent from unreadable', async () => {
    const path = join(directory, 'x.json');
    expect(await readJson(path)).toBeUndefined();
    expect(await readText(join(path, 'below'))).toBeUndefined();
    await writeFile(path, '{"a": ');
    expect(await readText(join(path, 'below'))).toBeUndefined();
    await expect(readJson(path)).rejects.toMatchObject({
      code: 'STATE_UNREADABLE',
      message: expect.stringContaining(path),
    });
    await expect(readText(directory)).rejects.toMatchObject({ code: 'STATE_UNREADABLE' });
  });
});

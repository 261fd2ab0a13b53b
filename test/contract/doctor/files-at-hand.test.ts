import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gatherStaticFacts } from '../../../src/world/static-facts.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'devenv-files-at-hand-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const COMPOSE = `services:
  nats:
    image: nats:2.10-alpine
    command: ['-c', '/c/nats.conf']
    volumes: ['./nats.conf:/c/nats.conf']
`;

describe('the nats.conf that a Compose file mounts', () => {
  const place = (): string => join(cwd, 'nats.conf');

  it.each<[string, () => unknown, string]>([
    ['is a folder', () => mkdir(place()), 'is a folder'],
    ['is not there', () => undefined, 'is not there'],
    ['is a link to itself', () => symlink('nats.conf', place()), 'cannot be read (ELOOP)'],
    ['is a pipe', () => execFileSync('mkfifo', [place()]), 'is no plain file'],
    ['is huge', () => writeFile(place(), '#'.repeat(9 * 1024 * 1024)), 'has 9437184 bytes or more'],
  ])('and that %s is told, not passed over', async (_, make, reason) => {
    await writeFile(join(cwd, 'compose.yaml'), COMPOSE);
    await make();
    const { facts, notes } = await gatherStaticFacts({ cwd, composes: ['compose.yaml'] });
    expect(facts.confs).toEqual([]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(`nats.conf, the nats.conf that a Compose file mounts, ${reason}`);
  });

  it('is read without a word when it is there', async () => {
    await writeFile(join(cwd, 'compose.yaml'), COMPOSE);
    await writeFile(place(), 'port: 4222\n');
    const { facts, notes } = await gatherStaticFacts({ cwd, composes: ['compose.yaml'] });
    expect(facts.confs).toHaveLength(1);
    expect(notes).toEqual([]);
  });
});

it('a file that is no Compose file is an error with its place', async () => {
  await writeFile(join(cwd, 'nats.conf'), 'port: 4222\n');
  await expect(gatherStaticFacts({ cwd, composes: ['nats.conf'] })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    details: ['nats.conf:1:1: is no Compose file: it has no services'],
  });
});

it('the version of an image is read with its variables replaced', async () => {
  const image = `\${REGISTRY:-docker.io}/library/nats:\${NATS_VERSION:-2.9.10}`;
  await writeFile(join(cwd, 'compose.yaml'), `services: { nats: { image: "${image}" } }\n`);
  const versionWith = async (env: Record<string, string>) => {
    const { facts, versionOrigin } = await gatherStaticFacts({ cwd, composes: ['compose.yaml'], env });
    return [facts.natsVersion, versionOrigin];
  };
  expect(await versionWith({})).toEqual(['2.9.10', 'image docker.io/library/nats:2.9.10 in compose.yaml']);
  expect(await versionWith({ NATS_VERSION: '2.12.1' })).toContain('2.12.1');
});

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Compose and of nats.conf are what this is about
import { describe, expect, it } from 'vitest';
import { interpolated } from '../../../../src/doctor/compose/interpolation.ts';
import { mountAt } from '../../../../src/doctor/compose/mounts.ts';
import { natsArguments } from '../../../../src/doctor/compose/nats-flags.ts';
import { natsServices } from '../../../../src/doctor/compose/nats-services.ts';
import { composeServices } from '../../../../src/doctor/compose/services.ts';
import { argumentsOf, shellWords } from '../../../../src/doctor/compose/words.ts';
import type { StaticFacts } from '../../../../src/doctor/facts.ts';
import { parseConf } from '../../../../src/doctor/nats-conf/parse.ts';
import { yamlTexts } from '../../../../src/doctor/yaml-texts.ts';

const factsOf = (compose: string, confs: Record<string, string> = {}, env = {}): StaticFacts => ({
  project: null,
  confs: Object.entries(confs).map(([file, text]) =>
    parseConf(file, text, { env, read: () => ({ error: 'missing', reason: 'not there' }) }),
  ),
  composes: yamlTexts('compose.yaml', compose),
  manifests: [],
  natsVersion: '2.15.1',
  env,
});

const words = (text: string) => shellWords(text).map((word) => ({ text: word, path: [] }));

describe('a command line', () => {
  it.each([
    ['nats-server -js', ['nats-server', '-js']],
    [`a "b c" 'd "e' f\\ g`, ['a', 'b c', 'd "e', 'f g']],
    [`x ""`, ['x', '']],
    [`x "\\"y\\" \\z"`, ['x', '"y" \\z']],
    ['a \\\n b', ['a', 'b']],
    [`unfinished "quote`, ['unfinished', 'quote']],
    ['', []],
  ])('%j is split as a shell would', (text, expected) => {
    expect(shellWords(text)).toEqual(expected);
  });

  it.each([
    ['nats-server -js -m 8222', ['-js', '-m', '8222']],
    [`sh -c "sleep 1; exec nats-server -c /a.conf && echo over"`, ['-c', '/a.conf']],
    [`/bin/bash -ec 'nats-server -js > log'`, ['-js']],
    ['node server.js', undefined],
  ])('%j gives nats-server its arguments', (text, expected) => {
    expect(argumentsOf(words(text), /(^|\/)nats-server$/)?.map((word) => word.text)).toEqual(expected);
  });
});

describe('arguments of nats-server', () => {
  const read = (text: string) => natsArguments(words(text));
  it.each(['-sd /data', '--sd=/data', '--store_dir /data', '-store_dir=/data'])('%s is one flag', (text) => {
    expect(read(text).flags).toMatchObject([{ name: 'store_dir', value: '/data' }]);
  });
  it('end at the first that is not known', () => {
    const { flags, refused } = read('-js --dry-run -sd /data');
    expect(flags.map(({ name }) => name)).toEqual(['jetstream']);
    expect(refused).toMatchObject({ kind: 'flag', name: 'dry-run' });
  });
  it('have switches that take no word', () => {
    expect(read('-js true').refused).toMatchObject({ kind: 'word', name: 'true' });
    expect(read('-js=false').flags).toMatchObject([{ name: 'jetstream', value: 'false' }]);
  });
});

describe('variables', () => {
  const env = { SET: 'x', EMPTY: '' };
  it.each([
    ['$SET ${SET}', 'x x'],
    ['${EMPTY:-d} ${EMPTY-d} ${ABSENT-d}', 'd  d'],
    ['${SET:+y} ${ABSENT+y}', 'y '],
    ['$$SET', '$SET'],
    ['${ABSENT} ${ABSENT:?say it}', '${ABSENT} ${ABSENT:?say it}'],
  ])('%j becomes %j', (text, expected) => {
    expect(interpolated(text, env)).toBe(expected);
  });
});

describe('a service', () => {
  const service = (body: string) => composeServices(factsOf(`services:\n  nats:\n${body}`))[0]!;
  it.each([
    ['"4222"', { target: 4222 }],
    ['"4223:4222"', { published: 4223, target: 4222 }],
    ['"127.0.0.1:4223:4222/tcp"', { hostIp: '127.0.0.1', published: 4223, target: 4222 }],
    ['"[::1]:4223:4222"', { hostIp: '::1', published: 4223, target: 4222 }],
    ['"127.0.0.1::4222"', { hostIp: '127.0.0.1', target: 4222 }],
    ['"4222-4225:4222"', { target: 4222 }],
    [
      '{ target: 4222, published: "4223", host_ip: 127.0.0.1 }',
      { hostIp: '127.0.0.1', published: 4223, target: 4222 },
    ],
  ])('publishes %s', (text, expected) => {
    const [port] = service(`    ports: [${text}]\n`).ports;
    expect(port).toEqual({ ...expected, path: ['services', 'nats', 'ports', 0] });
  });
  it('publishes ranges port by port', () => {
    const { ports } = service('    ports: ["7000-7001:8000-8001"]\n');
    expect(ports.map(({ published, target }) => [published, target])).toEqual([
      [7000, 8000],
      [7001, 8001],
    ]);
  });
  it('mounts in every form, and the deepest mount counts', () => {
    const { mounts } = service(
      '    volumes: [data:/data, ./conf:/data/conf:ro, /cache, { type: tmpfs, target: /tmp/ }]\n    tmpfs: /run\n',
    );
    expect(mounts.map(({ kind, source, target, readOnly }) => [kind, source, target, readOnly])).toEqual([
      ['volume', 'data', '/data', false],
      ['bind', './conf', '/data/conf', true],
      ['volume', undefined, '/cache', false],
      ['tmpfs', undefined, '/tmp', false],
      ['tmpfs', undefined, '/run', false],
    ]);
    expect(mountAt(mounts, '/data/conf/x')?.target).toBe('/data/conf');
    expect(mountAt(mounts, '/database')).toBeUndefined();
  });
});

describe('a NATS service', () => {
  const of = (compose: string, confs?: Record<string, string>) => natsServices(factsOf(compose, confs));
  it.each([
    ['nats', 'scratch', '2.15.1'],
    ['nats:2.10', 'scratch', '2.10.29'],
    ['docker.io/library/nats:2.9.25-alpine', 'alpine', '2.9.25'],
    ['registry.example/nats-server:2.11.4@sha256:00', 'unknown', '2.11.4'],
  ])('%s is known by its image', (image, contents, version) => {
    expect(of(`services: { a: { image: "${image}" } }`)).toMatchObject([{ contents, version }]);
  });
  it.each(['natsio/nats-box:latest', 'natsio/nats-surveyor', 'nats-streaming:0.25', 'example/nats-api:1'])(
    '%s is none',
    (image) => {
      expect(of(`services: { a: { image: "${image}" } }`)).toEqual([]);
    },
  );
  it('reads the configuration that is mounted, and what its flags say wins', () => {
    const compose = `
services:
  nats:
    image: nats:2.10-alpine
    command: ["-c", "/etc/nats/server.conf", "-m", "9222"]
    volumes: ["./config:/etc/nats:ro"]
`;
    const conf = 'port: 4333\nhttp: 8222\njetstream { store_dir: "/data" }\n';
    const [nats] = of(compose, { 'config/server.conf': conf, 'other.conf': 'port: 1' });
    expect(nats).toMatchObject({
      clientPort: 4333,
      monitorPort: 9222,
      jetstream: true,
      store: { folder: '/data/jetstream', from: 'conf' },
    });
    expect(nats!.conf?.document.file).toBe('config/server.conf');
  });
});

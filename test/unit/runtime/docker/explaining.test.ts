import { describe, expect, it } from 'vitest';
import { explain, isOlder } from '../../../../src/runtime/docker/check.ts';
import { parseHost } from '../../../../src/runtime/docker/endpoint.ts';
import { EngineError } from '../../../../src/runtime/docker/engine-client.ts';
import { explainCompose, explainStart } from '../../../../src/runtime/docker/engine-errors.ts';
import type { Deployment } from '../../../../src/topology/deployment.ts';

const endpoint = parseHost('unix:///var/run/docker.sock', 'the default socket');
const failing = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

describe('an engine that does not answer', () => {
  it.each([
    ['EACCES', 'DOCKER_NOT_PERMITTED', /usermod -aG docker/],
    ['ENOENT', 'DOCKER_ABSENT', /Install and start Docker/],
    ['ECONNREFUSED', 'DOCKER_ABSENT', /systemctl start docker/],
  ])('%s → %s, with what to do', (code, expected, hint) => {
    const error = explain(failing(code), endpoint, false);
    expect(error).toMatchObject({ code: expected, exit: 3 });
    expect(error.message).toContain('unix:///var/run/docker.sock (the default socket)');
    expect(error.hint).toMatch(hint);
  });

  it('is told apart from one that hangs', () => {
    expect(explain(new Error('aborted'), endpoint, true).message).toMatch(/no answer within 5 s/);
  });
});

it.each([
  ['1.40', '1.41', true],
  ['1.41', '1.41', false],
  ['1.50', '1.41', false],
  ['2.19.9', '2.20.0', true],
  ['2.40.3-3', '2.20.0', false],
  ['v2.20', '2.20.0', false],
  ['5.0.0', '2.20.0', false],
])('%s is older than %s: %s', (version, wanted, older) => {
  expect(isOlder(version, wanted)).toBe(older);
});

describe('an endpoint', () => {
  it('is a socket or a port of this machine', () => {
    expect(parseHost('unix:///run/user/1000/docker.sock', 'DOCKER_HOST').connection).toEqual({
      socketPath: '/run/user/1000/docker.sock',
    });
    expect(parseHost('tcp://127.0.0.1:2375', 'DOCKER_HOST').connection).toEqual({
      host: '127.0.0.1',
      port: 2375,
    });
  });

  it.each(['ssh://me@host', 'tcp://10.0.0.7:2376', 'npipe:////./pipe/docker_engine'])(
    'on another machine is refused: %s',
    (host) => {
      expect(() => parseHost(host, 'DOCKER_HOST')).toThrow(
        expect.objectContaining({ code: 'PLATFORM_UNSUPPORTED' }),
      );
    },
  );
});

describe('what the engine says when it cannot start a container', () => {
  const deployment = {
    environment: { id: 'devenv-a-1' },
    ports: { nats: 4222, 'nats-monitor': 8222 },
  } as unknown as Deployment;
  it.each([
    'driver failed programming external connectivity on endpoint x: Bind for 127.0.0.1:8222 failed: port is already allocated',
    'driver failed programming external connectivity on endpoint x: Error starting userland proxy: listen tcp4 127.0.0.1:8222: bind: address already in use',
    'failed to set up container networking: driver failed programming external connectivity on endpoint x: failed to bind host port for 127.0.0.1:8222:172.18.0.2:8222/tcp: address already in use',
  ])('names the port: %s', (message) => {
    expect(explainStart(new EngineError(500, message), 'nats', deployment)).toMatchObject({
      code: 'PORT_TAKEN',
      details: ['nats-monitor'],
    });
  });

  it('blames the service for a command that does not exist', () => {
    const message = 'OCI runtime create failed: exec: "nope": executable file not found in $PATH: unknown';
    expect(explainStart(new EngineError(400, message), 'nats', deployment)).toMatchObject({
      code: 'SERVICE_DIED',
      exit: 5,
    });
  });

  it("passes on what is none of the engine's", () => {
    const error = new Error('socket hang up');
    expect(explainStart(error, 'nats', deployment)).toBe(error);
  });
});

describe('what Compose says', () => {
  it('about used-up address ranges gets a way out', () => {
    const lines = [
      'failed to create network x: Error response from daemon: could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
    ];
    expect(explainCompose('docker compose create', lines, '')).toMatchObject({
      code: 'COMPOSE_FAILED',
      hint: expect.stringContaining('docker network prune'),
    });
  });

  it('about an image that went away names it', () => {
    expect(
      explainCompose('docker compose create', ['Error response from daemon: No such image: nats:9'], ''),
    ).toMatchObject({
      code: 'IMAGE_UNAVAILABLE',
      message: expect.stringContaining('nats:9'),
    });
  });

  it('otherwise is quoted', () => {
    expect(explainCompose('docker compose create', [], 'killed')).toMatchObject({
      code: 'COMPOSE_FAILED',
      message: 'docker compose create failed: killed',
    });
  });
});

import { expect, test } from 'vitest';
import { supervisorEnvironment } from '../../../../src/runtime/process/launch.ts';
import { parsePsEnvironment, serviceOfMarkers } from '../../../../src/runtime/process/orphans.ts';
import { unsupervised, unsupervisedError } from '../../../../src/runtime/process/unsupervised.ts';
import { lineReader } from '../../../../src/runtime/process/wire.ts';

const id = 'devenv-orders-0a1b2c3d';

test('markers name the service, or the supervisor', () => {
  expect(serviceOfMarkers(['A=1', `DEVENV_ENVIRONMENT_ID=${id}`, 'DEVENV_SERVICE=nats'], id)).toBe('nats');
  expect(serviceOfMarkers([`DEVENV_SUPERVISOR_ID=${id}`], id)).toBeNull();
  expect(serviceOfMarkers([`DEVENV_ENVIRONMENT_ID=${id}0`], id)).toBeUndefined();
  expect(serviceOfMarkers([`OTHER=${id}`], id)).toBeUndefined();
});

test('on macOS they are read from what ps prints behind the command', () => {
  const text = [
    `  501 node api.js PATH=/bin DEVENV_ENVIRONMENT_ID=${id} DEVENV_SERVICE=api`,
    `  502 /bin/node supervisor.js DEVENV_SUPERVISOR_ID=${id} HOME=/Users/u`,
    `  503 grep ${id}`,
    '  504 launchd',
  ].join('\n');
  expect(parsePsEnvironment(text, id)).toEqual([
    { pid: 501, service: 'api' },
    { pid: 502, service: null },
  ]);
});

test('what is found without a supervisor is one entry per service, to be started again', () => {
  const found = [
    { pid: 12, startedAt: 'b', service: 'api' },
    { pid: 11, startedAt: 'a', service: 'api' },
  ];
  const seen = { service: 'api', state: 'running', pid: 11, restarts: 0 };
  expect(unsupervised(found)).toEqual([{ ...seen, unusable: 'its supervisor is gone' }]);
  const stopped = { pid: 10, startedAt: 'a', service: null };
  expect(unsupervised([...found, stopped])).toEqual([
    { ...seen, unusable: 'its supervisor does not answer' },
  ]);
});

test('a supervisor that is stopped, one that is gone, and nothing at all are three things', () => {
  const [supervisor, api] = [
    { pid: 10, startedAt: 'a', service: null },
    { pid: 11, startedAt: 'a', service: 'api' },
  ];
  expect(unsupervisedError('dev', [api, supervisor])).toMatchObject({
    code: 'NOT_READY',
    message: expect.stringContaining('(pid 10) is there and does not answer'),
    hint: expect.stringContaining('kill -CONT 10'),
  });
  expect(unsupervisedError('dev', [api])).toMatchObject({
    code: 'NOT_READY',
    message: expect.stringContaining('is gone; api (pid 11) run without it'),
  });
  expect(unsupervisedError('dev', [])).toMatchObject({ code: 'ENVIRONMENT_NOT_RUNNING' });
});

test('the supervisor inherits nothing that changes how Node runs', () => {
  const settings = {
    environment: id,
    supervisorFile: 's',
    recordsFile: 'r',
    log: 'l',
    lock: 'k',
    socket: 'c',
  };
  const env = supervisorEnvironment({ PATH: '/bin', NODE_OPTIONS: '--inspect', SECRET: 'x' }, id, settings);
  expect(Object.keys(env).sort()).toEqual(['DEVENV_SUPERVISOR', 'DEVENV_SUPERVISOR_ID', 'PATH']);
});

test('a stream of JSON lines is read whole, however it is cut', () => {
  const lines = [{ a: 'é\n' }, { b: 1 }, 'x'];
  const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  for (let size = 1; size <= bytes.length; size += 1) {
    const seen: unknown[] = [];
    const read = lineReader((value) => seen.push(value));
    for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
    expect(seen).toEqual(lines);
  }
});

test('a line without an end is not kept for ever', () => {
  const read = lineReader(() => undefined, 10);
  expect(() => read(Buffer.alloc(11, 'x'))).toThrow(/more than 10 bytes/);
  expect(() => lineReader(() => undefined)(Buffer.from('not json\n'))).toThrow(SyntaxError);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogFrames } from '../../../../src/runtime/docker/log-frames.ts';
import { portNameOf } from '../../../../src/runtime/docker/port-names.ts';
import { LayerCount, unavailable } from '../../../../src/runtime/docker/pull.ts';
import { exitOf } from '../../../../src/runtime/docker/signals.ts';
import { tarArchive } from '../../../../src/runtime/docker/tar-archive.ts';

const frame = (stream: number, text: string): Buffer => {
  const body = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
};

describe("the engine's log stream", () => {
  const bytes = Buffer.concat([
    frame(1, '2026-01-02T03:04:05.000000001Z out ü\n2026-01-02T03:04:05.000000002Z cut '),
    frame(2, '2026-01-02T03:04:05.000000003Z err\n'),
    frame(1, 'short\r\n2026-01-02T03:04:05.000000004Z no break'),
  ]);

  it('yields the same lines however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length })), (places) => {
        const frames = new LogFrames('api');
        const edges = [0, ...places.sort((a, b) => a - b), bytes.length];
        const lines = edges.slice(1).flatMap((end, index) => frames.push(bytes.subarray(edges[index], end)));
        expect([...lines, ...frames.end()].map(({ text }) => text)).toEqual([
          'out ü',
          'err',
          'cut short',
          'no break',
        ]);
      }),
    );
  });

  it('gives milliseconds, and keeps nanoseconds for the order', () => {
    const [line] = new LogFrames('api').push(bytes);
    expect(line).toEqual({
      service: 'api',
      at: '2026-01-02T03:04:05.000Z',
      text: 'out ü',
      stamp: '2026-01-02T03:04:05.000000001Z',
    });
  });
});

describe('an exit', () => {
  it('above 128 is a signal when there is one of that number', () => {
    expect(exitOf(0)).toEqual({ code: 0, signal: null });
    expect(exitOf(137)).toEqual({ code: null, signal: 'SIGKILL' });
    expect(exitOf(255)).toEqual({ code: 255, signal: null });
  });
});

describe('a pull', () => {
  it('counts layers', () => {
    const layers = new LayerCount();
    const lines = [
      '18-alpine: Pulling from library/postgres',
      '0a1b2c3d4e5f: Pulling fs layer',
      '1a1b2c3d4e5f: Already exists',
      '0a1b2c3d4e5f: Pull complete',
      'Status: Downloaded',
    ];
    expect(lines.map((line) => layers.note(line))).toEqual([false, true, true, true, false]);
    expect([layers.done, layers.total]).toEqual([2, 2]);
  });

  it('that fails names image, reason and setting', () => {
    const error = unavailable(
      'nats:9',
      'nats.image',
      'Error response from daemon: manifest for nats:9 not found',
    );
    expect(error).toMatchObject({
      code: 'IMAGE_UNAVAILABLE',
      message: 'The image nats:9 cannot be had: manifest for nats:9 not found',
    });
    expect(error.hint).toContain('nats.image');
  });
});

it("port names are the topology's", () => {
  expect([portNameOf('nats', 4222), portNameOf('nats', 8222), portNameOf('api', 8080)]).toEqual([
    'nats',
    'nats-monitor',
    'api',
  ]);
});

it('a build context is whole blocks with a checksum that adds up', () => {
  const archive = tarArchive([{ path: 'a.js', mode: 0o644, content: 'x' }]);
  expect(archive.length % 512).toBe(0);
  expect(archive.toString('utf8', 512, 513)).toBe('x');
  const sum = archive
    .subarray(0, 512)
    .reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  expect(Number.parseInt(archive.toString('utf8', 148, 154), 8)).toBe(sum);
  expect(tarArchive([{ path: 'a.js', mode: 0o644, content: 'x' }]).equals(archive)).toBe(true);
});

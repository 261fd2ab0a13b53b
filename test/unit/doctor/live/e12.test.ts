import { describe, expect, it } from 'vitest';
import { e12OutOfSpace } from '../../../../src/doctor/rules/environment/e12-out-of-space.ts';
import { failed, got, live, logged, MIB, said, someJsz, someLiveFacts, someServer } from './facts.ts';

describe('E12, the disk', () => {
  it.each([
    '[1] [ERR] JetStream out of space, will be DISABLED',
    "[1] [ERR] JetStream failed to store a msg on stream '$G > A': write /data/msgs/1.blk: no space left on device",
    '[1] [ERR] Filestore [A] Critical write error: write /data/msgs/1.blk: no space left on device',
  ])('is full by the log: %s', (line) => {
    const servers = [someServer('nats', { disk: failed('no shell') })];
    const findings = live(e12OutOfSpace, someLiveFacts({ servers, log: logged('nats', line) }));
    expect(said(findings)).toEqual(['server nats error: The disk under the store of nats is full.']);
    expect(findings[0]?.symptom).toBe(line);
  });

  it('is full although nothing is logged and /jsz never answers (2.9)', () => {
    const servers = [
      someServer('nats', {
        disk: got({ free: 0, total: 3 * MIB }),
        jsz: failed('/jsz: no answer within 4000 ms'),
      }),
    ];
    expect(said(live(e12OutOfSpace, someLiveFacts({ servers })))).toEqual([
      'server nats error: The disk under the store of nats is full (0B of 3MiB free), and its JetStream does not answer any more.',
    ]);
  });

  it('is full by /healthz (2.15)', () => {
    const text = "JetStream stream '$G > A' write error: write /data/1.blk: no space left on device";
    const servers = [someServer('nats', { healthz: got({ status: 503, text }) })];
    expect(live(e12OutOfSpace, someLiveFacts({ servers }))).toMatchObject([
      { severity: 'error', symptom: text },
    ]);
  });

  it('has less than was promised: a note', () => {
    const servers = [
      someServer('nats', {
        disk: got({ free: 200 * MIB, total: 1024 * MIB }),
        jsz: got(someJsz({ storage: 100 * MIB })),
      }),
    ];
    expect(said(live(e12OutOfSpace, someLiveFacts({ servers })))).toEqual([
      'server nats note: nats may store 1GiB and its disk has 200MiB left: it will be full before max_file_store is.',
    ]);
  });

  it('has room, or a service writes of a full disk of its own', () => {
    expect(
      live(e12OutOfSpace, someLiveFacts({ log: logged('api', 'ENOSPC: no space left on device') })),
    ).toEqual([]);
    const servers = [someServer('nats', { jsz: failed('no answer'), disk: failed('unknown') })];
    expect(live(e12OutOfSpace, someLiveFacts({ servers }))).toEqual([]);
  });
});

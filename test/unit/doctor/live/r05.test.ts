import { describe, expect, it } from 'vitest';
import { r05StorageUsedUp } from '../../../../src/doctor/rules/resources/r05-storage-used-up.ts';
import {
  failed,
  got,
  live,
  liveStream,
  logged,
  MIB,
  said,
  someJsz,
  someLiveFacts,
  someServer,
} from './facts.ts';

const rule = r05StorageUsedUp;
const storing = (jsz: Parameters<typeof someJsz>[0]) => [someServer('nats', { jsz: got(someJsz(jsz)) })];

describe('R05, the store', () => {
  it('is full, and streams without a limit are named', () => {
    const accounts = [
      {
        account: '$G',
        streams: got([liveStream('AUDIT', { maxBytes: -1 }), liveStream('B')]),
        consumers: got([]),
      },
    ];
    const line = '[1] [ERR] JetStream resource limits exceeded for server';
    const findings = live(
      rule,
      someLiveFacts({ servers: storing({ storage: 1025 * MIB }), accounts, log: logged('nats', line) }),
    );
    expect(said(findings)).toEqual([
      'server nats error: nats stores 1025MiB of the 1GiB that max_file_store allows (100 %), so no stream takes any more.',
    ]);
    expect(findings[0]).toMatchObject({
      symptom: line,
      fix: 'Give AUDIT a max_bytes. Purge what is not needed, or raise nats.max_file_store.',
    });
  });

  it('of memory is nearly full: a warning', () => {
    expect(said(live(rule, someLiveFacts({ servers: storing({ memory: 60 * MIB }) })))).toEqual([
      'server nats warning: nats stores 60MiB of the 64MiB that max_memory_store allows (93 %).',
    ]);
  });

  it('has room, is not there, has no limit, or is unknown', () => {
    expect(live(rule, someLiveFacts({ servers: storing({ storage: 900 * MIB }) }))).toEqual([]);
    expect(
      live(rule, someLiveFacts({ servers: storing({ enabled: false, maxStorage: 0, maxMemory: 0 }) })),
    ).toEqual([]);
    expect(live(rule, someLiveFacts({ servers: [someServer('nats', { jsz: failed('away') })] }))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { c17ClusterNamesDiffer } from '../../../../src/doctor/rules/configuration/c17-cluster-names-differ.ts';
import { live, logged, said, someLiveFacts } from './facts.ts';

describe('C17, a cluster of another name', () => {
  it('is told once for each stranger, from the log of the server', () => {
    const line =
      '[1] 2026/01/01 12:00:00.000000 [ERR] 127.0.0.1:6222 - rid:9 - Rejecting connection, cluster name "C2" does not match "C1"';
    expect(said(live(c17ClusterNamesDiffer, someLiveFacts({ log: logged('nats', line, line) })))).toEqual([
      'server nats error: nats calls its cluster "C1" and refuses routes from a server whose cluster is "C2".',
    ]);
  });

  it('is not told of a service that quotes the line', () => {
    const log = logged('api', 'Rejecting connection, cluster name "C2" does not match "C1"');
    expect(live(c17ClusterNamesDiffer, someLiveFacts({ log }))).toEqual([]);
  });
});

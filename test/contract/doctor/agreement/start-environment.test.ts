import { once } from 'node:events';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { isAtLeast } from '../../../../src/doctor/nats-conf/versions.ts';
import { FIXTURES } from '../../../helpers/doctor-fixtures.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { natsServers, type RunningNats } from '../../../helpers/nats-servers.ts';
import { ConfCopy } from './started-server.ts';

const servers = await natsServers();

const finalLog = async (running: RunningNats): Promise<string> => {
  await running.stop();
  const { stdout, stderr } = await running.program.exit;
  return stdout + stderr;
};

describe.each(servers)('nats-server $version', (binary) => {
  it('E04: warns of a temporary store from 2.10 on, and says nothing before', async () => {
    await using copy = await ConfCopy.of(join(FIXTURES, 'E04', 'bad-conf'));
    // Else the store would be this machine's own /tmp/nats.
    const log = await finalLog(await copy.start(binary, { env: { TMPDIR: copy.directory } }));
    expect(log).toContain(`${copy.directory}/nats/jetstream`);
    expect(log.includes('Temporary storage directory used')).toBe(isAtLeast(binary.version, '2.10.0'));
  });

  it('E05: two servers on one store both start, without an error', async () => {
    await using copy = await ConfCopy.of(join(FIXTURES, 'E05', 'bad-confs'));
    const one = await copy.start(binary, { file: 'a.conf' });
    const two = await copy.start(binary, { file: 'b.conf' }).catch(async (error: unknown) => {
      await one.stop();
      throw error;
    });
    for (const running of [one, two]) expect(await finalLog(running)).not.toMatch(/\[(ERR|FTL|WRN)\]/);
  });

  it('E13: HTTP on the client port is a protocol error, and a client on the monitoring port hears nothing', async () => {
    await using copy = await ConfCopy.of(join(FIXTURES, 'A10', 'near-plain'));
    const running = await copy.start(binary);
    const logged = running.program.child.stderr!.setEncoding('utf8').iterator({ destroyOnReturn: false });
    let log = '';
    const reading = (async () => {
      for await (const text of logged) log += text;
    })();
    try {
      const socket = createConnection(running.port, '127.0.0.1');
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.write('GET /healthz HTTP/1.1\r\nHost: nats\r\n\r\n');
      await eventually(() => expect(log).toContain('Client parser ERROR, state=0, i=0: proto='));
      socket.destroy();
      const options = { servers: new URL(running.monitorUrl).host, reconnect: false, timeout: 300 };
      await expect(connect(options)).rejects.toThrow(/timeout/i);
    } finally {
      await running.stop();
      await reading;
    }
  });
});

import { createConnection } from 'node:net';
import { messageOf } from '../deadline.ts';

/** Longest INFO line accepted; the real one is below 1 KiB. */
const LONGEST_GREETING = 32 * 1024;

/** What a nats-server says about itself before anybody has authenticated. */
export interface Greeting {
  version: string;
  /** JetStream enabled on the server; says nothing about the account. */
  jetstream: boolean;
  /** `host:port` of the servers that it tells clients to try as well. */
  connectUrls: readonly string[];
}

/**
 * Waits for the INFO line with which every nats-server greets, on a socket that is destroyed afterwards whatever
 * happens. Asked before the client connects: its own dial leaks the socket when the peer accepts and then stays silent.
 */
export function greeting(host: string, port: number, signal: AbortSignal): Promise<Greeting> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = createConnection({ host, port, signal });
    const fail = (why: string) => {
      reject(new Error(why));
      socket.destroy();
    };
    socket.setEncoding('latin1');
    socket.on('error', (error) => {
      const refused = 'code' in error && error.code === 'ECONNREFUSED';
      reject(signal.aborted ? signal.reason : new Error(refused ? 'connection refused' : messageOf(error)));
    });
    socket.on('end', () => fail('the server closed the connection before it said anything'));
    socket.on('data', (chunk: string) => {
      text += chunk;
      const line = /^INFO (.*)\r\n/.exec(text)?.[1];
      if (line !== undefined) {
        const info = parsed(line);
        if (info === undefined) fail('the answer is not the greeting of a nats-server');
        else resolve(info);
        socket.destroy();
      } else if (!'INFO '.startsWith(text.slice(0, 5)) || text.length > LONGEST_GREETING) {
        fail('something other than a nats-server answers');
      }
    });
  });
}

function parsed(line: string): Greeting | undefined {
  try {
    const info: unknown = JSON.parse(line);
    if (typeof info !== 'object' || info === null || !('version' in info)) return undefined;
    // The client compares versions, and stays silent for good after one that it cannot read.
    if (typeof info.version !== 'string' || !/^\d+\.\d+\.\d+/.test(info.version)) return undefined;
    const urls = 'connect_urls' in info && Array.isArray(info.connect_urls) ? info.connect_urls : [];
    return {
      version: info.version,
      jetstream: 'jetstream' in info && info.jetstream === true,
      connectUrls: urls.filter((url): url is string => typeof url === 'string'),
    };
  } catch {
    return undefined;
  }
}

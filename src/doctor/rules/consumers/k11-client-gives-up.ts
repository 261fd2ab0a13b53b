import { defineRule } from '../../rule.ts';

/** What current clients wait between two attempts when they are not told otherwise. */
const DEFAULT_WAIT_S = 2;

export const k11ClientGivesUp = defineRule({
  id: 'K11',
  title: 'a client that gives up reconnecting',
  severity: 'warning',
  meaning:
    'After a limited number of attempts the client closes for good, and the service runs on without NATS.',
  cause:
    'Clients try to reconnect 10 (JavaScript) or 60 (Go) times by default, 2 seconds apart. A server that is away for ' +
    'longer finds a closed client: every call fails until the process is restarted, and a health check that does not ' +
    'ask NATS stays green.',
  fix: 'Reconnect for ever: maxReconnectAttempts: -1 (JavaScript), nats.MaxReconnects(-1) (Go), max_reconnect_attempts=-1 (Python), and declare max_reconnects: forever.',
  symptoms: [
    'ClosedConnectionError: closed connection',
    'nats: connection closed',
    'nats: no servers available for connection',
    'CONNECTION_CLOSED',
  ],
  *static({ project }) {
    if (project === null) return;
    for (const { name, maxReconnects } of project.topology.services) {
      if (maxReconnects === undefined || maxReconnects < 0) continue;
      const path = ['services', name, 'max_reconnects'];
      const span = project.scalar(path);
      const attempts = `${maxReconnects} ${maxReconnects === 1 ? 'attempt' : 'attempts'}`;
      yield {
        place: project.place(path),
        cause: `service ${name} closes its connection for good after ${attempts}, which is about ${maxReconnects * DEFAULT_WAIT_S} s without a server.`,
        fix: 'Let its client reconnect for ever and write max_reconnects: forever.',
        ...(span === null
          ? {}
          : { edits: [{ file: span.file, start: span.start, end: span.end, text: 'forever' }] }),
      };
    }
  },
});

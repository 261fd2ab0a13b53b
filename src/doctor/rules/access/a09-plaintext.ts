import { type natsServices, runningNatsServices, servicesReading } from '../../compose/nats-services.ts';
import { isLoopback } from '../../compose/ports.ts';
import type { StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { type ServerConf, serverConf } from '../../nats-conf/server.ts';
import { defineRule } from '../../rule.ts';

const WARNING = 'Plaintext passwords detected, use nkeys or bcrypt';

/** A09: passwords that can be read, in the file or on the wire. */
export const a09Plaintext = defineRule({
  id: 'A09',
  title: 'passwords that others can read',
  severity: 'warning',
  meaning:
    'Passwords stand in clear in the configuration, or travel in clear to a port that other machines reach.',
  cause:
    'The server warns at every start when it finds passwords that are no bcrypt hashes: whoever reads the file can log in. Without TLS the password of a client is also in clear in its first packet, which matters as soon as the port is open to more than this machine; Docker publishes on all addresses unless one is given.',
  fix: 'Publish on 127.0.0.1 only (ports: ["127.0.0.1:4222:4222"]) or give the server a block tls; write bcrypt hashes (`nats server passwd`) or nkeys in place of passwords, and keep the file readable for the server alone.',
  symptoms: [WARNING],
  matches: [/Plaintext passwords detected/i],
  *static(facts) {
    for (const document of facts.confs) {
      const conf = serverConf(document);
      yield* inFile(conf);
      if (servicesReading(facts, conf).length === 0) yield* onAddress(conf);
    }
    yield* published(facts);
  },
});

/** As nats-server tells them from passwords. */
const isHash = (password: string): boolean => /^\$2[abxy]\$\d{2}\$./.test(password);

const plain = ({ users }: ServerConf) =>
  users.flatMap(({ password }) =>
    password === undefined || password.value === '' || isHash(password.value) ? [] : [password],
  );

const asksForSecret = (conf: ServerConf): boolean =>
  conf.token !== undefined || conf.users.some(({ password }) => password !== undefined);

function* inFile(conf: ServerConf): Iterable<Report> {
  const [first, ...others] = plain(conf);
  if (first !== undefined)
    yield {
      place: placeOf(first.span),
      severity: 'note',
      cause: `${others.length === 0 ? 'A password stands' : `${others.length + 1} passwords stand`} in clear in ${first.span.file}.`,
      fix: 'Write bcrypt hashes in quotes, or nkeys; on a machine of your own, keep the file readable for yourself only.',
      symptom: WARNING,
    };
}

/** Nobody is known to publish it: the server's own address counts. */
function* onAddress(conf: ServerConf): Iterable<Report> {
  const { host, port, tls, document } = conf;
  if (tls !== undefined || !asksForSecret(conf) || (host !== undefined && isLoopback(host.value))) return;
  const at = host ?? port;
  yield {
    place: at === undefined ? { kind: 'file', file: document.file, line: 1, column: 1 } : placeOf(at.span),
    cause: `Clients log in with passwords, without TLS, on ${host === undefined ? 'all addresses of the machine' : host.value}.`,
    fix: 'Write listen: "127.0.0.1:4222" when only this machine is to reach it; else add a block tls with a certificate.',
    symptom: 'no error at all: the password is in clear in the CONNECT of every client',
  };
}

function* published(facts: StaticFacts): Iterable<Report> {
  const flagged = ({ arguments: { flags } }: ReturnType<typeof natsServices>[number]) => ({
    secret: flags.some(({ name }) => name === 'pass' || name === 'auth'),
    tls: flags.some(({ name }) => name.startsWith('tls')),
  });
  for (const nats of runningNatsServices(facts)) {
    const { service, conf, clientPort } = nats;
    const { secret, tls } = flagged(nats);
    if (tls || conf?.tls !== undefined || !(secret || (conf !== undefined && asksForSecret(conf)))) continue;
    for (const { target, hostIp, published: port, path } of service.ports)
      if (target === clientPort && (hostIp === undefined || !isLoopback(hostIp)))
        yield {
          place: service.yaml.place(path),
          cause: `Port ${port ?? target} of service ${service.name} is published on ${hostIp ?? 'all addresses of this machine'}, and passwords travel to it without TLS.`,
          fix: `Write "127.0.0.1:${port ?? target}:${target}", or add a block tls to its configuration.`,
          symptom: 'no error at all: the password is in clear in the CONNECT of every client',
        };
  }
}

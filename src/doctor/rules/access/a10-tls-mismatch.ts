import { type Address, addresses, natsBehind } from '../../compose/addresses.ts';
import type { NatsService } from '../../compose/nats-services.ts';
import { type ComposeService, composeServices } from '../../compose/services.ts';
import type { StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { type ServerConf, serverConf } from '../../nats-conf/server.ts';
import { defineRule } from '../../rule.ts';

/** A10: both sides have to agree on TLS, and each has to trust what the other shows. */
export const a10TlsMismatch = defineRule({
  id: 'A10',
  title: 'TLS that the two sides do not agree on',
  severity: 'error',
  meaning:
    'A client and a server differ in whether there is TLS, or one cannot check the certificate of the other.',
  cause:
    'A client that insists on TLS gives up at a server without it. A server with a certificate of an own authority is refused by every client that was not given that authority, and one whose certificate does not name the host that the client connects to by all. With verify: true the server asks for a certificate as well, and needs ca_file to check it. A block tls without cert_file starts, and then fails every handshake.',
  fix: 'Give the server cert_file, key_file and (with verify) ca_file, write tls:// in the addresses of all clients, and give each of them the authority, and its own certificate where the server verifies.',
  symptoms: [
    "server does not support 'tls'",
    'nats: secure connection not available',
    'self-signed certificate in certificate chain',
    'unable to verify the first certificate',
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    "TLS handshake error: tls: client didn't provide a certificate",
    'TLS handshake error: tls: no certificates configured',
    'tls: first record does not look like a TLS handshake',
    'x509: certificate is valid for localhost, not nats',
    "Hostname/IP does not match certificate's altnames",
  ],
  matches: [
    /\bUNABLE_TO_VERIFY_LEAF_SIGNATURE\b|\bSELF_SIGNED_CERT_IN_CHAIN\b|\bDEPTH_ZERO_SELF_SIGNED_CERT\b/,
    /\bERR_TLS_CERT_ALTNAME_INVALID\b|does not match certificate's altnames/,
    /x509: certificate is (not )?valid for/,
    /first record does not look like a TLS handshake/,
    /self[- ]signed certificate/i,
    /secure connection (not available|required)/i,
    /client didn't provide a certificate/i,
    /certificate signed by unknown authority/i,
    /TLS handshake error/i,
  ],
  *static(facts) {
    for (const document of facts.confs) yield* ofServer(serverConf(document));
    for (const address of addresses(facts)) yield* ofClient(address, facts);
  },
});

function* ofServer({ tls }: ServerConf): Iterable<Report> {
  if (tls === undefined) return;
  if (!tls.hasCertificate)
    yield {
      place: placeOf(tls.span),
      cause: 'The server has a block tls without a certificate: it starts, and every client fails.',
      fix: 'Add cert_file: "server.pem" and key_file: "server-key.pem".',
      symptom: 'TLS handshake error: tls: no certificates configured',
    };
  else if (tls.verify?.value === true && tls.authority === undefined)
    yield {
      place: placeOf(tls.verify.span),
      cause:
        'The server asks clients for certificates and has no ca_file to check them with, so only those of public authorities pass.',
      fix: 'Add ca_file: "ca.pem", the authority that signed the certificates of the clients.',
      symptom: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    };
}

function* ofClient(address: Address, facts: StaticFacts): Iterable<Report> {
  const { scheme, host, key, text, place, owner } = address;
  if (scheme !== 'nats' && scheme !== 'tls') return;
  const server = natsBehind(facts, address);
  // The server of devenv itself, as services of devenv.yaml call it.
  const own = facts.project !== null && server === undefined && host === 'nats' && isDeclared(owner, facts);
  const has = own ? facts.project!.topology.nats.tls !== null : server && hasTls(server);
  if (has === undefined) return;
  if (scheme === 'tls' && !has)
    yield {
      place,
      cause: `${key} asks ${host} for TLS with ${text}, and that server has none.`,
      fix: own
        ? 'Write nats.tls: true in devenv.yaml, or leave the variable to NATS_URL, which devenv gives every service.'
        : `Write nats:// in place of tls://, or add a block tls to the configuration of ${host}.`,
      symptom: "server does not support 'tls'",
    };
  if (!has || own || server === undefined || server.service.name === owner) return;
  const client = composeServices(facts).find(({ name }) => name === owner);
  const verifies = server.conf?.tls?.verify?.value === true;
  // Which authority signed is not known here; one that everybody trusts needs nothing.
  if (client !== undefined && !server.conf?.tls?.allowsPlain && !knowsCertificates(client))
    yield {
      place,
      severity: verifies ? 'error' : 'warning',
      cause: `Service ${client.name} connects to ${host}, which has TLS${verifies ? ' and asks for certificates' : ''}, and is given no certificate file.`,
      fix: verifies
        ? 'Mount the authority, a client certificate and its key into the service, and name them to its client.'
        : 'Mount the authority that signed the certificate of the server into the service and name it to its client, unless that authority is a public one.',
      symptom: verifies
        ? "TLS handshake error: tls: client didn't provide a certificate"
        : 'self-signed certificate in certificate chain',
    };
}

const isDeclared = (owner: string | undefined, { project }: StaticFacts): boolean =>
  project?.topology.services.some(({ name }) => name === owner) === true;

/** undefined: its configuration was not read. */
function hasTls({ conf, arguments: { flags } }: NatsService): boolean | undefined {
  if (flags.some(({ name, value }) => name.startsWith('tls') && value !== 'false')) return true;
  if (conf !== undefined) return conf.tls !== undefined;
  return flags.some(({ name }) => name === 'config') ? undefined : false;
}

/** A variable or a mounted file that has to do with certificates. */
const knowsCertificates = ({ environment, mounts, command }: ComposeService): boolean =>
  environment.some(
    ({ name, value }) =>
      /(^|_)(CA|CERTS?|CAFILE|TLS|SSL)(_|$)/i.test(name) || /\.(pem|crt|cer)$/.test(value ?? ''),
  ) ||
  mounts.some(({ source, target }) =>
    /cert|tls|ssl|pki|\.(pem|crt|cer|key)$|(^|\/)ca\b/i.test(`${source} ${target}`),
  ) ||
  (command ?? []).some(({ text }) => /ca|cert|tls/i.test(text) && text.startsWith('-'));

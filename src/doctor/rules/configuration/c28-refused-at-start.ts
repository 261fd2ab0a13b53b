import { servicesReading, versionReading } from '../../compose/nats-services.ts';
import type { StaticFacts } from '../../facts.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { type ServerConf, serverConf } from '../../nats-conf/server.ts';
import { startRefusals } from '../../nats-conf/start/start-refusals.ts';
import type { StartFlags } from '../../nats-conf/start/started-conf.ts';
import { defineRule } from '../../rule.ts';

/** C28: what no other rule knows by name, and `-t` does not look at. */
export const c28RefusedAtStart = defineRule({
  id: 'C28',
  title: 'setting that the start refuses',
  severity: 'error',
  meaning: 'nats.conf passes `nats-server -t`, and the server ends at its start all the same.',
  cause:
    '`nats-server -t` reads one setting after the other. What they come to together is looked at when the server starts: whether two of its ports are the same, whether an account, a name, a port or a certificate that something needs is there, whether what is configured goes together.',
  fix: 'Change or add what is named; `nats-server -c nats.conf` itself says the same, one thing at a time.',
  symptoms: [
    'nats-server: websocket requires TLS configuration',
    'nats-server: error resolving system account: account missing',
    'nats-server: gateway "C1" has no port specified (select -1 for random port)',
    'nats-server: cluster name conflicts between cluster and gateway definitions',
    'nats-server: cannot find local account "SHOP" specified in leafnode remote',
    'nats-server: mqtt requires JetStream to be enabled if running in standalone mode',
    'nats-server: mqtt requires server name to be explicitly set',
    'nats-server: invalid domain name: may not contain ., * or >',
    "[FTL] Can't start monitoring: TLS cert and key required for HTTPS",
    "[FTL] Can't start monitoring: can't specify both HTTP (8222) and HTTPs (8443) ports",
    'nats-server: operators do not allow Accounts to be configured directly',
    'nats-server: using nats based account resolver - the system account needs to be specified in configuration or the operator jwt',
  ],
  matches: [
    /error resolving system account: account missing/,
    /gateway (in the list \d+ )?has no name|gateway "[^"]*" has no (port|URL)/,
    /cannot find local account "[^"]*" specified in leafnode/,
    /authentication (username|token) not compatible with presence of users/,
    /value of \S* ?, err=|Unable to get websocket connect URLs/,
    /listen tcp: (address -?\d+: invalid port|lookup \S+( on \S+)?: no such host)/,
    /operators do not allow (Accounts|users) to be configured directly/,
    /invalid domain name: /,
    /default_js_domain/,
    /can't specify both HTTP/,
    /unable to parse allowed origin|websocket: invalid header/,
    /should be in ascending order|compression mode "[^"]*"/,
    /default sentinel (requires|JWT not valid|must be)/,
    /pinned accounts (are specified|list)|pinned account key/,
    /(ack wait|JS API timeout) must be a positive value/,
    /trusted operators or trusted keys configuration is required/,
    /leaf nodes and gateways \(both being defined\) require a system account/,
    /operator mode (requires account nkeys|does not allow specifying users?|and non account nkeys)/,
    /conflicting options for 'TrustedKeys' and 'TrustedOperators'/,
    /system_account in config and operator JWT must be identical/,
    /mix of websocket and non-websocket urls/,
    /TPM (functionality is not supported|options)/,
    /consumer_replicas \(\d+\) cannot be higher|max catchup cannot be negative|expected 'no_extend'/,
    /authorization callouts to be configured directly/,
  ],
  *static(facts) {
    for (const document of facts.confs) {
      const conf = serverConf(document);
      for (const { at, message, cause, fix } of startRefusals(
        document,
        versionReading(facts, conf),
        flagsOf(facts, conf),
      ))
        yield { place: placeOf(at), cause, fix, symptom: message };
    }
  },
});

/** What the command of the service that reads the file says instead of it. */
function flagsOf(facts: StaticFacts, conf: ServerConf): StartFlags {
  const flags = servicesReading(facts, conf)[0]?.arguments.flags ?? [];
  const last = (name: string): string | undefined => flags.findLast((flag) => flag.name === name)?.value;
  const [port, monitorPort, serverName] = [last('port'), last('http_port'), last('name')];
  return {
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(monitorPort === undefined ? {} : { monitorPort: Number(monitorPort) }),
    ...(serverName === undefined ? {} : { serverName }),
    jetstream: last('jetstream') === 'true',
    hasTls: flags.some(({ name }) => name.startsWith('tls')),
  };
}

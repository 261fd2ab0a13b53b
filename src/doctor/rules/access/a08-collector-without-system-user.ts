import { textOf } from '../../compose/yaml-parts.ts';
import type { DeclaredProject, StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { type Container, containers } from '../../kubernetes/containers.ts';
import { serverConf } from '../../nats-conf/server.ts';
import { defineRule } from '../../rule.ts';
import { runsSurveyor } from './collectors.ts';

/** A08: Surveyor asks the servers over NATS, through the system account. */
export const a08CollectorWithoutSystemUser = defineRule({
  id: 'A08',
  title: 'Surveyor without a user of the system account',
  severity: 'error',
  meaning: 'NATS Surveyor is to collect metrics and does not log in as a user of the system account.',
  cause:
    'Surveyor asks all servers with requests to $SYS.REQ.SERVER.PING, which only users of the system account may send. As anybody else it connects, hears from no server, and serves empty metrics. (The Prometheus exporter is different: it asks the monitoring port over HTTP.)',
  fix: 'Add a user to the system account (system_account: SYS; accounts { SYS { users: [ … ] } }) and give Surveyor its name and password: --user and --password, or NATS_SURVEYOR_USER and NATS_SURVEYOR_PASSWORD.',
  symptoms: [
    'could not start Surveyor, error: expected 1 servers, only found 0',
    'nats: Authorization Violation',
    'nats_up 0',
  ],
  matches: [/expected \d+ servers, only found \d+/],
  *static(facts) {
    for (const container of containers(facts))
      if (runsSurveyor(container.image)) yield* ofContainer(container, facts);
    if (facts.project !== null) yield* inProject(facts.project);
  },
});

const CREDENTIALS = /^--?(creds|nkey|jwt|seed)(=|$)/;

function* ofContainer(container: Container, facts: StaticFacts): Iterable<Report> {
  const { words, environment, yaml, path, label } = container;
  const variable = (name: string) => environment.find((one) => one.name === `NATS_SURVEYOR_${name}`);
  // Keys, and files that say more, are not looked into.
  if (words.some(({ text }) => CREDENTIALS.test(text) || /^--?config(=|$)/.test(text))) return;
  if (['CREDS', 'NKEY', 'JWT', 'SEED'].some((name) => variable(name) !== undefined)) return;
  const user = userOf(container) ?? variable('USER')?.value;
  const given = user ?? (variable('USER') === undefined ? undefined : '');
  if (given === undefined)
    yield {
      place: yaml.place(path, 'key'),
      cause: `Surveyor (${label}) has no credentials, so it can ask no server anything.`,
      fix: 'Add a user to the system account and give its name and password: --user and --password.',
      symptom: 'could not start Surveyor, error: expected 1 servers, only found 0',
    };
  else if (given !== '' && !given.includes('$')) yield* foundIn(given, container, facts);
}

/** `--user monitor`, `--user=monitor`, `nats://monitor:secret@nats:4222` */
function userOf({ words }: Container): string | undefined {
  for (const [index, { text }] of words.entries()) {
    const flag = /^--?user(?:=(.*))?$/.exec(text);
    if (flag !== null) return flag[1] ?? words[index + 1]?.text ?? '';
    const inUrl = /^(?:.*=)?\w+:\/\/([^:@/]+)(?::[^@/]*)?@/.exec(text)?.[1];
    if (inUrl !== undefined) return inUrl;
  }
  return undefined;
}

/** Where the configurations are known, the user has to be there, in the system account. */
function* foundIn(user: string, { yaml, path, label }: Container, facts: StaticFacts): Iterable<Report> {
  const confs = facts.confs.map(serverConf).filter(({ operatorMode }) => !operatorMode);
  const owners = confs.flatMap((conf) => {
    const found = conf.users.find(({ name }) => name.value === user);
    const system = conf.systemAccount?.value ?? '$SYS';
    return found === undefined ? [] : [{ account: found.account ?? '$G', system, conf }];
  });
  if (owners.length === 0 || owners.some(({ account, system }) => account === system)) return;
  const [{ account, system, conf }] = owners as [(typeof owners)[number]];
  yield {
    place: yaml.place(path, 'key'),
    cause: `Surveyor (${label}) logs in as ${user}, who is in the account ${account}, and the system account of ${conf.document.file} is ${system}.`,
    fix:
      conf.systemAccount === undefined && account !== '$G'
        ? `Add system_account: ${account} to the configuration, when that account has no streams; else add a user to a system account.`
        : `Log in as a user of the account ${system}.`,
    symptom: 'could not start Surveyor, error: expected 1 servers, only found 0',
  };
}

function* inProject({ topology, place }: DeclaredProject): Iterable<Report> {
  const { services, systemAccount } = topology;
  for (const { name, source, account } of services)
    if (source.kind === 'image' && runsSurveyor(textOf(source.image) ?? '') && account !== systemAccount.name)
      yield {
        place: place(['services', name], 'key'),
        cause: `Service ${name} runs Surveyor in the account ${account}, and only users of ${systemAccount.name} may ask the servers.`,
        fix: `Write account: ${systemAccount.name} and user: monitor for it.`,
        symptom: 'could not start Surveyor, error: expected 1 servers, only found 0',
      };
}

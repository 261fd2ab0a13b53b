import type { Topology } from '../../../topology/model.ts';
import { permissionsOf } from '../../../topology/permissions.ts';
import { type NatsUser, natsUsers } from '../../../topology/users.ts';
import type { StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { deniedSubjects } from '../../live/denied.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { type ServerConf, serverConf } from '../../nats-conf/server.ts';
import type { UserConf } from '../../nats-conf/server-access.ts';
import { defineRule } from '../../rule.ts';
import { allowsAll, allowsSome, hasJetStream } from './conf-permissions.ts';

const PULL = '$JS.API.CONSUMER.MSG.NEXT.>';
const ACK = '$JS.ACK.>';

export const a04RoleNotCovered = defineRule({
  id: 'A04',
  title: 'permissions that do not cover the role',
  severity: 'error',
  meaning:
    'A user lacks permissions that its work needs, most often those for the subjects of JetStream itself.',
  cause:
    'JetStream is used by messages: reading a stream, pulling from a consumer and acking are publishes to $JS.API.… and ' +
    '$JS.ACK.…, in the account of the user. A list of allowed subjects that names only those of the application denies ' +
    'all of them. The server writes a violation into its log; the client sees a timeout, or nothing at all for an ack.',
  fix:
    'Allow what the role needs. For a worker of consumer C on stream S: publish $JS.API.CONSUMER.INFO.S.C, ' +
    '$JS.API.CONSUMER.MSG.NEXT.S.C, $JS.ACK.S.C.> and $JS.ACK.*.*.S.C.>; subscribe _INBOX.>. devenv derives them from ' +
    'the role: `devenv auth list`.',
  symptoms: [
    'Permissions Violation for Publish to "$JS.API.',
    'Permissions Violation for Publish to "$JS.ACK.',
    'Permissions Violation for Publish to',
  ],
  *static(facts) {
    const roles = new Map(
      facts.project === null ? [] : natsUsers(facts.project.topology).map((user) => [user.name, user]),
    );
    for (const document of facts.confs) {
      const conf = serverConf(document);
      for (const user of conf.users) {
        if (user.permissions === undefined) continue;
        const role = roles.get(user.name.value);
        if (role !== undefined && facts.project !== null)
          yield* againstRole(user, role, facts.project.topology);
        else yield* byItself(facts, conf, user);
      }
    }
  },
  live: deniedSubjects,
});

/** At most as many subjects as a reader takes in. */
const SHOWN = 3;

function* againstRole(user: UserConf, role: NatsUser, topology: Topology): Iterable<Report> {
  const needed = permissionsOf(role, topology);
  if (needed === null) return;
  const publish = user.permissions?.publish;
  const subscribe = user.permissions?.subscribe;
  const lacking = needed.publish.allow.filter((subject) => !allowsAll(publish, subject));
  // The inbox has rules of its own.
  const deaf = needed.subscribe.allow.filter(
    (subject) => subject !== `${role.inboxPrefix}.>` && !allowsAll(subscribe, subject),
  );
  if (lacking.some((subject) => isVital(subject, role))) yield report(user, 'publish', lacking, role);
  if (deaf.some((subject) => isVital(subject, role))) yield report(user, 'subscribe', deaf, role);
}

/**
 * Clients ask for these to explain themselves, in forms of newer servers, or for one of several ways to read a stream,
 * and get along without an answer.
 */
const OPTIONAL = [
  /^\$JS\.API\.(INFO$|STREAM\.NAMES$|DIRECT\.GET\.|CONSUMER\.(NAMES|LIST|DURABLE\.CREATE|DELETE)\.)/,
  /^\$JS\.API\.CONSUMER\.CREATE\.(.*\.>|[^.]+)$/,
  /^\$JS\.API\.CONSUMER\.MSG\.NEXT\.[^.]+\.\*$/,
  /^\$JS\.FC\./,
  /^\$SRV\./,
  /^\$JS\.ACK\.\*\.\*\./,
  /^\$JS\.EVENT\./,
];

function isVital(subject: string, { observes }: NatsUser): boolean {
  if (OPTIONAL.some((pattern) => pattern.test(subject))) return false;
  const [, stream] = /^\$JS\.API\.STREAM\.(?:INFO|MSG\.GET)\.([^.]+)$/.exec(subject) ?? [];
  return stream === undefined || observes.includes(stream);
}

function report(
  { name, permissions }: UserConf,
  deed: 'publish' | 'subscribe',
  all: readonly string[],
  role: NatsUser,
): Report {
  const lacking = all.filter((subject) => isVital(subject, role));
  // What JetStream needs is what people forget; the rest they see for themselves.
  const sorted = [...lacking].sort((a, b) => Number(b.startsWith('$JS.')) - Number(a.startsWith('$JS.')));
  const more = sorted.length > SHOWN ? ` and ${sorted.length - SHOWN} more` : '';
  return {
    place: placeOf(permissions?.[deed]?.span ?? name.span),
    cause: `User ${name.value} may not ${deed} to ${sorted.slice(0, SHOWN).join(', ')}${more}, which its role in devenv.yaml needs.`,
    symptom: `Permissions Violation for ${deed === 'publish' ? 'Publish' : 'Subscription'} to "${sorted[0]}"`,
    fix: `Add to ${deed}: ${all.map((subject) => JSON.stringify(subject)).join(', ')}.`,
  };
}

/** An admin, who may do everything, is no sign that the services were thought of. */
const mayAskJetStream = ({ permissions }: UserConf): boolean =>
  permissions !== undefined && allowsSome(permissions.publish, '$JS.API.>');

/** Of whom nothing is declared: only what cannot be meant. A publisher needs no more than its subjects and its replies. */
function* byItself(facts: StaticFacts, conf: ServerConf, user: UserConf): Iterable<Report> {
  const { name, permissions } = user;
  const publish = permissions?.publish;
  // Whoever may publish nothing at all only listens.
  if (publish === undefined || publish.allow?.length === 0 || !hasJetStream(facts, conf, user)) return;
  if (allowsSome(publish, PULL)) {
    if (allowsSome(publish, ACK)) return;
    yield {
      place: placeOf(publish.span),
      cause: `User ${name.value} may pull messages from consumers and may not ack them: the server delivers them again and again.`,
      symptom: 'Permissions Violation for Publish to "$JS.ACK.',
      fix: 'Add "$JS.ACK.>", or "$JS.ACK.<stream>.<consumer>.>", to publish.',
    };
  } else if (!conf.users.some((one) => one.account === user.account && mayAskJetStream(one))) {
    yield {
      place: placeOf(publish.span),
      severity: 'warning',
      cause: `User ${name.value} may publish to nothing under $JS.API, nor may any user of its account that has permissions, although the account has JetStream: none of them can read a stream or work a consumer.`,
      symptom: 'Permissions Violation for Publish to "$JS.API.',
      fix: 'Allow what its role needs under $JS.API and $JS.ACK, unless it only publishes and uses core NATS.',
    };
  }
}

import { hasAppeared } from '../blocks.ts';
import { durationIn, entryOf, integerIn, mapOf, textIn, textsIn } from '../conf-values.ts';
import type { ConfEntry } from '../document.ts';
import { isUrl } from '../go-addresses.ts';
import { goQuoted } from '../go-values.ts';
import { isAtLeast } from '../versions.ts';
import { addressIn } from './listeners.ts';
import { keyOf, type StartedConf, type StartRefusal } from './started-conf.ts';

/** The server sets them itself. */
const RESERVED_HEADERS = ['host', 'content-length', 'connection', 'upgrade', 'nats-no-masking'];

export function* websocketRefusals(started: StartedConf): Iterable<StartRefusal> {
  const web = started.block('websocket', 'ws');
  if (web === undefined || (addressIn(web)?.port ?? 0) === 0) return;
  const noTls = entryOf(web, 'no_tls')?.value;
  if (mapOf(entryOf(web, 'tls')) === undefined && !(noTls?.kind === 'boolean' && noTls.value))
    yield {
      at: keyOf(started, 'websocket', 'ws'),
      message: 'websocket requires TLS configuration',
      cause: 'The websocket has no tls, and the server refuses it without.',
      fix: 'Write no_tls: true within websocket when something in front of it speaks TLS or it is for this machine only; else a block tls.',
    };
  yield* origins(started, web);
  yield* mixedWithUsers(started, web, 'websocket');
  const cookie = textIn(web, 'jwt_cookie');
  if (cookie !== undefined && cookie.value !== '' && !started.hasOperator && !started.hasTrustedKeys)
    yield {
      at: cookie.span,
      message: `trusted operators or trusted keys configuration is required for JWT authentication via cookie ${goQuoted(cookie.value)}`,
      cause: `jwt_cookie is ${goQuoted(cookie.value)}, and without an operator the server takes no JWTs.`,
      fix: 'Leave jwt_cookie out, or configure operator and resolver.',
    };
  for (const header of mapOf(entryOf(web, 'headers')) ?? [])
    if (RESERVED_HEADERS.includes(header.key.toLowerCase()) || /^sec-websocket-/i.test(header.key))
      yield {
        at: header.keySpan,
        message: `websocket: invalid header ${goQuoted(header.key)} not allowed`,
        cause: `The header ${header.key} is set by the server itself.`,
        fix: 'Leave it out.',
      };
}

const ORIGINS = ['allowed_origins', 'allowed_origin', 'allow_origins', 'allow_origin', 'origins', 'origin'];

/** Once anything that parses as a URL; now what a browser sends. */
function* origins({ version }: StartedConf, web: readonly ConfEntry[]): Iterable<StartRefusal> {
  const isStrict = hasAppeared(['2.11.14', '2.12.5'], version);
  for (const { value, span } of textsIn(web, ...ORIGINS)) {
    const isOrigin = isUrl(value) && (!isStrict || /^https?:\/\/[^/?#]/i.test(value));
    if (isOrigin) continue;
    yield {
      at: span,
      message: 'unable to parse allowed origin',
      cause: `${goQuoted(value)} is no origin.`,
      fix: 'Write origins as browsers send them, with the scheme: "https://app.example.com".',
    };
  }
}

export function* mqttRefusals(started: StartedConf): Iterable<StartRefusal> {
  const mqtt = started.block('mqtt');
  if (mqtt === undefined || (addressIn(mqtt)?.port ?? 0) === 0) return;
  const { conf, version, flags } = started;
  const isLinked = (...names: string[]): boolean =>
    (addressIn(started.block(...names) ?? [])?.port ?? 0) !== 0;
  const clustered = isLinked('cluster') || isLinked('gateway');
  if (
    conf.serverName === undefined &&
    flags.serverName === undefined &&
    (clustered || !isAtLeast(version, '2.10.4'))
  )
    yield {
      at: keyOf(started, 'mqtt'),
      message: 'mqtt requires server name to be explicitly set',
      cause: 'There is mqtt and no server_name, by which it tells its sessions apart.',
      fix: 'Write server_name: "nats-1" at the top of the file, with another name for each server.',
    };
  for (const [names, message] of [
    [['ack_wait', 'ackwait'], 'ack wait must be a positive value'],
    [['js_api_timeout', 'api_timeout'], 'JS API timeout must be a positive value'],
  ] as const) {
    const given = durationIn(mqtt, ...names);
    if (given !== undefined && given.value < 0)
      yield {
        at: given.span,
        message,
        cause: `${given.key} is ${given.raw}, which is less than nothing.`,
        fix: `Write ${given.key}: "30s", or leave it out.`,
      };
  }
  const [replicas, most] = [integerIn(mqtt, 'consumer_replicas'), integerIn(mqtt, 'stream_replicas')];
  if (replicas !== undefined && most !== undefined && most.value > 0 && replicas.value > most.value)
    yield {
      at: replicas.span,
      message: `mqtt: consumer_replicas (${replicas.value}) cannot be higher than stream_replicas (${most.value})`,
      cause: `consumer_replicas is ${replicas.value}, and its streams have ${most.value}.`,
      fix: 'Leave consumer_replicas out.',
    };
  yield* mixedWithUsers(started, mqtt, 'mqtt');
  const remotes = entryOf(started.block('leafnodes', 'leaf') ?? [], 'remotes')?.value;
  const hasRemotes = remotes?.kind === 'list' && remotes.items.length > 0;
  if (
    !conf.jetstream.enabled &&
    flags.jetstream !== true &&
    !clustered &&
    !isLinked('leafnodes', 'leaf') &&
    !hasRemotes
  )
    yield {
      at: keyOf(started, 'mqtt'),
      message: 'mqtt requires JetStream to be enabled if running in standalone mode',
      cause: 'There is mqtt, and JetStream, in which it keeps its sessions, is off.',
      fix: 'Write jetstream { store_dir: "/data" }.',
    };
}

/** A name or token for everybody who comes by this way, beside a list of users. */
function* mixedWithUsers(
  { hasUsers }: StartedConf,
  block: readonly ConfEntry[],
  protocol: 'websocket' | 'mqtt',
): Iterable<StartRefusal> {
  if (!hasUsers) return;
  const authorization = mapOf(entryOf(block, 'authorization', 'authentication')) ?? [];
  for (const [what, field] of [
    ['username', textIn(authorization, 'user', 'username')],
    ['token', textIn(authorization, 'token')],
  ] as const)
    if (field !== undefined && field.value !== '')
      yield {
        at: field.span,
        message: `${protocol} authentication ${what} not compatible with presence of users/nkeys`,
        cause: `${protocol} has a ${what} for everybody, and there is a list of users.`,
        fix: `Leave authorization out of ${protocol}: its clients log in as the users of the list.`,
      };
}

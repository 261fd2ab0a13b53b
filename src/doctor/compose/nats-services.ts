import { posix } from 'node:path';
import type { StaticFacts } from '../facts.ts';
import type { ConfDocument } from '../nats-conf/document.ts';
import { type ServerConf, serverConf } from '../nats-conf/server.ts';
import { natsVersionOf } from '../nats-versions.ts';
import { onceFor } from '../once.ts';
import { folder, isWithin, type Mount, mountAt } from './mounts.ts';
import { type NatsArguments, type NatsFlag, natsArguments } from './nats-flags.ts';
import { type ComposeService, composeServices } from './services.ts';
import { argumentsOf, type Word } from './words.ts';
import { mapAt, textOf, type YamlPath } from './yaml-parts.ts';

/** A service of a Compose file that runs nats-server. */
export interface NatsService {
  service: ComposeService;
  /** Of the tag, three numbers; undefined for a tag that names none. */
  version?: string;
  /** What is in the image beside nats-server: `scratch` has no shell and no tool at all. */
  contents: 'scratch' | 'alpine' | 'unknown';
  arguments: NatsArguments;
  /** Path in the container of the configuration that it reads. */
  confPath: string;
  /** The configuration that it reads, when it is one of those that were read. */
  conf?: ServerConf;
  jetstream: boolean;
  /** Folder in the container that holds the streams, `/jetstream` included; present when it has JetStream. */
  store?: { folder: string; from: 'flag' | 'conf' | 'default'; path: YamlPath };
  clientPort: number;
  monitorPort: number | null;
}

const SERVER = /(^|\/)nats-server$/;

export const natsServices = onceFor((facts: StaticFacts): readonly NatsService[] =>
  composeServices(facts).flatMap((service) => natsService(service, facts) ?? []),
);

/** `nats:2.10-alpine`, `registry.example/nats-server@sha256:…`; not nats-box, nats-surveyor and the like. */
function imageOf(image: string | undefined): { tag: string; official: boolean } | undefined {
  const [, prefix = '', tag] = /^(.*\/)?nats(?:-server)?(?::([\w.-]+))?(?:@.*)?$/.exec(image ?? '') ?? [];
  if (image === undefined || !/^(.*\/)?nats(-server)?([:@]|$)/.test(image)) return undefined;
  return { tag: tag ?? 'latest', official: /^((docker\.io\/)?(library\/)?)$/.test(prefix) };
}

function natsService(service: ComposeService, facts: StaticFacts): NatsService | null {
  const image = imageOf(service.image);
  const words = [...(service.entrypoint ?? []), ...(service.command ?? [])];
  const called = argumentsOf(words, SERVER);
  if (image === undefined && called === undefined) return null;
  const contents = contentsOf(image);
  const given = natsArguments(argumentWords(service, { called, words, contents }));
  const last = (name: string): NatsFlag | undefined => given.flags.findLast((flag) => flag.name === name);
  const confPath = posix.resolve('/', last('config')?.value ?? '/etc/nats/nats-server.conf');
  const conf = confOf(service, confPath, { confs: facts.confs, named: last('config') !== undefined });
  const version = image && natsVersionOf(image.tag);
  const jetstream = last('jetstream')?.value === 'true' || conf?.jetstream.enabled === true;
  const number = (name: string): number | undefined => {
    const value = last(name)?.value;
    return value === undefined ? undefined : Number(value);
  };
  // With arguments of its own it reads no configuration, and then it does not monitor.
  const monitors = given.flags.length === 0 && service.command === undefined ? 8222 : null;
  return {
    service,
    ...(version === undefined ? {} : { version }),
    contents,
    arguments: given,
    confPath,
    ...(conf === undefined ? {} : { conf }),
    jetstream,
    ...(jetstream ? { store: storeOf(last('store_dir'), conf, service) } : {}),
    clientPort: number('port') ?? conf?.port?.value ?? 4222,
    monitorPort: number('http_port') ?? number('https_port') ?? (conf ? (conf.http?.port ?? null) : monitors),
  };
}

function contentsOf(image: ReturnType<typeof imageOf>): NatsService['contents'] {
  if (image === undefined || !image.official) return /alpine/.test(image?.tag ?? '') ? 'alpine' : 'unknown';
  if (image.tag.includes('alpine')) return 'alpine';
  return /windows|nanoserver/.test(image.tag) ? 'unknown' : 'scratch';
}

/**
 * The words that nats-server itself gets. The entry point of `nats:<version>` is nats-server, so that a command there is
 * arguments only; that of `-alpine` adds nats-server in front of a command that begins with a dash.
 */
function argumentWords(
  { entrypoint, command }: ComposeService,
  {
    called,
    words,
    contents,
  }: { called: Word[] | undefined; words: readonly Word[]; contents: NatsService['contents'] },
): readonly Word[] {
  if (entrypoint === undefined && contents === 'scratch') return command ?? [];
  return called ?? (words[0]?.text.startsWith('-') ? words : []);
}

/** The nats.conf on the host behind the path in the container. */
function confOf(
  service: ComposeService,
  wanted: string,
  { confs, named }: Pick<StaticFacts, 'confs'> & { named: boolean },
): ServerConf | undefined {
  const mount = mountAt(service.mounts, wanted);
  const onHost = mount && hostPath(service, mount, wanted);
  const file = posix.basename(onHost ?? wanted);
  const document =
    confs.find((conf) => mount !== undefined && isContentOf(service, mount, conf)) ??
    confs.find((conf) => onHost !== undefined && posix.normalize(conf.file) === onHost) ??
    // It may be built into the image, or the two were named from different folders.
    (named ? onlyOne(confs.filter((conf) => posix.basename(conf.file) === file)) : undefined);
  return document && serverConf(document);
}

/** Is it the text of a config that the Compose file itself has, and that is mounted there? */
const isContentOf = ({ yaml }: ComposeService, { kind, source }: Mount, { file, embedded }: ConfDocument) =>
  kind === 'config' &&
  embedded?.kind === 'compose' &&
  file === yaml.file &&
  source !== undefined &&
  embedded.path.join('\n') === contentPath(source).join('\n');

/** Where a Compose file has the text of one of its configs. https://docs.docker.com/reference/compose-file/configs/ */
export const contentPath = (config: string): readonly string[] => ['configs', config, 'content'];

/** Path on the host, relative like the name of the Compose file; undefined when no file of the host is there. */
export function hostPath({ yaml }: ComposeService, mount: Mount, inside: string): string | undefined {
  const named =
    mount.kind === 'config' && mount.source !== undefined
      ? textOf(mapAt(yaml.value, 'configs', mount.source)?.file)
      : mount.kind === 'bind'
        ? mount.source
        : undefined;
  if (named === undefined) return undefined;
  const rest = posix.relative(mount.target, inside);
  const source = posix.isAbsolute(named) ? named : posix.join(posix.dirname(yaml.file), named);
  return posix.normalize(posix.join(source, rest));
}

const onlyOne = <T>(items: readonly T[]): T | undefined => (items.length === 1 ? items[0] : undefined);

function storeOf(
  flag: NatsFlag | undefined,
  conf: ServerConf | undefined,
  service: ComposeService,
): NonNullable<NatsService['store']> {
  // The flag wins over the file.
  const given = flag?.value ?? conf?.jetstream.storeDir?.value;
  const parent = given === undefined ? '/tmp/nats' : posix.resolve('/', given);
  return {
    folder: folder(posix.join(parent, 'jetstream')),
    from: flag !== undefined ? 'flag' : given !== undefined ? 'conf' : 'default',
    path: flag?.path ?? service.commandPath,
  };
}

/** Those that go on running: not the ones that check a configuration, print their version, or refuse their arguments. */
export const runningNatsServices = (facts: StaticFacts): readonly NatsService[] =>
  natsServices(facts).filter(
    ({ arguments: { flags, refused } }) =>
      refused === undefined &&
      !flags.some(({ name }) => ['t', 'help', 'help_tls', 'version', 'signal'].includes(name)),
  );

/** Is this mount there to keep data: no file, no folder of the configuration, of certificates or of logs? */
export const isDataMount = ({ confPath }: NatsService, { kind, source, target }: Mount): boolean =>
  kind !== 'config' &&
  !isWithin(confPath, target) &&
  !/\.\w{2,5}$/.test(target) &&
  !(kind === 'bind' && /\.\w{2,5}$/.test(source ?? '')) &&
  !/(^|\/)(etc|certs?|tls|ssl|pki|keys?|nkeys|creds|jwt|secrets|logs?|config)(\/|$)/i.test(target);

/** Services that read one nats.conf; none when it is not known who does. */
export const servicesReading = (facts: StaticFacts, conf: ServerConf): readonly NatsService[] =>
  natsServices(facts).filter((service) => service.conf === conf);

/** Version of the server that reads a nats.conf: that of the image that does, else the one that was asked for. */
export const versionReading = (facts: StaticFacts, conf: ServerConf): string =>
  servicesReading(facts, conf).find(({ version }) => version !== undefined)?.version ?? facts.natsVersion;

import type { StaticFacts, YamlText } from '../facts.ts';
import { onceFor } from '../once.ts';
import { type Healthcheck, healthcheckOf } from './healthcheck.ts';
import { interpolated, type Replace } from './interpolation.ts';
import { type Mount, mountsOf } from './mounts.ts';
import { type PublishedPort, portsOf } from './ports.ts';
import { type Word, wordsOf } from './words.ts';
import { isMap, mapAt, textOf, type YamlMap, type YamlPart, type YamlPath } from './yaml-parts.ts';

/** One service of a Compose file, variables replaced. https://docs.docker.com/reference/compose-file/services/ */
export interface ComposeService extends YamlPart {
  /** `services.<name>` */
  name: string;
  image?: string;
  containerName?: string;
  /** Entry point and command, one after the other; the image's own ones are not known. */
  entrypoint: readonly Word[] | undefined;
  command: readonly Word[] | undefined;
  /** Of `command`, or of the service when it has none. */
  commandPath: YamlPath;
  environment: readonly EnvironmentVariable[];
  ports: readonly PublishedPort[];
  mounts: readonly Mount[];
  healthcheck?: Healthcheck;
  user?: string;
  readOnly: boolean;
  /** How many containers of it run. */
  replicas: number;
}

export interface EnvironmentVariable {
  name: string;
  /** undefined: taken over from whoever runs Compose. */
  value: string | undefined;
  path: YamlPath;
}

/** All services of all Compose files. What is of a wrong shape counts as absent: Compose itself says so. */
export const composeServices = onceFor((facts: StaticFacts): readonly ComposeService[] =>
  facts.composes.flatMap((yaml) => servicesOf(yaml, (text) => interpolated(text, facts.env))),
);

const servicesOf = (yaml: YamlText, replace: Replace): ComposeService[] =>
  Object.entries(mapAt(yaml.value, 'services') ?? {}).flatMap(([name, service]) =>
    isMap(service) ? [serviceOf(yaml, name, extended(yaml, service), replace)] : [],
  );

/** With what it takes from another service of the same file: `extends: base`. Others' files are not read. */
function extended(yaml: YamlText, service: YamlMap, depth = 0): YamlMap {
  const from = isMap(service.extends)
    ? service.extends.file === undefined
      ? service.extends.service
      : undefined
    : service.extends;
  const base = typeof from === 'string' ? mapAt(mapAt(yaml.value, 'services'), from) : undefined;
  // A circle is Compose's to refuse.
  if (base === undefined || depth > 20) return service;
  const inherited = extended(yaml, base, depth + 1);
  const { depends_on: _not, extends: _neither, ...rest } = inherited;
  const both = Object.entries(service).map(([key, own]) => [key, merged(rest[key], own)] as const);
  return { ...rest, ...Object.fromEntries(both) };
}

/** Maps and lists are joined, but not what stands for one thing as a whole. */
const merged = (base: unknown, own: unknown): unknown =>
  isMap(base) && isMap(own) ? { ...base, ...own } : own;

function serviceOf(yaml: YamlText, name: string, service: YamlMap, replace: Replace): ComposeService {
  const path = ['services', name];
  const text = (key: string): string | undefined => {
    const value = textOf(service[key]);
    return value === undefined ? undefined : replace(value);
  };
  const healthcheck = healthcheckOf(service.healthcheck, [...path, 'healthcheck'], replace);
  const image = text('image');
  const containerName = text('container_name');
  const user = text('user');
  return {
    yaml,
    path,
    name,
    ...(image === undefined ? {} : { image }),
    ...(containerName === undefined ? {} : { containerName }),
    entrypoint: wordsOf(service.entrypoint, [...path, 'entrypoint'], replace),
    command: wordsOf(service.command, [...path, 'command'], replace),
    commandPath: service.command === undefined ? path : [...path, 'command'],
    environment: environmentOf(service.environment, [...path, 'environment'], replace),
    ports: portsOf(service.ports, [...path, 'ports'], replace),
    mounts: mountsOf(service, path, replace),
    ...(healthcheck === undefined ? {} : { healthcheck }),
    ...(user === undefined ? {} : { user }),
    readOnly: service.read_only === true,
    replicas: Number(mapAt(service, 'deploy')?.replicas ?? service.scale ?? 1) || 1,
  };
}

/** A map of names and values, or a list of `NAME=value`. */
function environmentOf(value: unknown, path: YamlPath, replace: Replace): EnvironmentVariable[] {
  if (Array.isArray(value))
    return value.flatMap((item, index) => {
      if (typeof item !== 'string') return [];
      const [, name, text] = /^([^=]+)(?:=(.*))?$/s.exec(item) ?? [];
      return name === undefined
        ? []
        : [{ name, value: text === undefined ? undefined : replace(text), path: [...path, index] }];
    });
  if (!isMap(value)) return [];
  return Object.entries(value).map(([name, item]) => {
    const text = textOf(item);
    return { name, value: text === undefined ? undefined : replace(text), path: [...path, name] };
  });
}

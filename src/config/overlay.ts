import { parseEnv } from 'node:util';
import { nearest } from '../topology/nearest.ts';
import { ENVIRONMENT_VARIABLES, type EnvironmentVariable, portVariable } from './environment-variables.ts';
import { type Path, pathText } from './problems.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** A value that replaces what the project file says, and the words that name where it comes from. */
export interface Override {
  path: Path;
  value: unknown;
  /** `--runtime`, `DEVENV_NAME`, `.env:3: DEVENV_NAME` */
  origin: string;
}

/** A setting from outside the project file, e.g. the environment's name. */
export interface Named {
  value: string;
  origin: string;
}

interface Reading {
  overrides: Override[];
  name: Named | undefined;
  notes: string[];
}

/**
 * What the environment overrides: the process's own variables first, then those of `<project>/.env`. An empty variable
 * counts as not set, so that a copied .env.example changes nothing.
 */
export function readEnvironment(
  env: Variables,
  dotenv: { text: string; file: string } | undefined,
  services: readonly string[],
): Reading {
  const fromFile: Variables = dotenv === undefined ? {} : parseEnv(dotenv.text);
  const find = (name: string): Named | undefined => {
    if (env[name]) return { value: env[name], origin: name };
    const value = fromFile[name];
    return value
      ? { value, origin: `${dotenv?.file}:${lineOf(name, dotenv?.text ?? '')}: ${name}` }
      : undefined;
  };
  const known = knownVariables(services);
  const overrides = known.flatMap(({ name, path, parse }): Override[] => {
    const found = path === null ? undefined : find(name);
    return found && path ? [{ path, value: parse(found.value), origin: found.origin }] : [];
  });
  return { overrides, name: find('DEVENV_NAME'), notes: misspelt({ ...fromFile, ...env }, known) };
}

/** Ports of services that are not declared have no variable: DEVENV_PORT_API means nothing where there is no api. */
function knownVariables(services: readonly string[]): EnvironmentVariable[] {
  const fixed = ENVIRONMENT_VARIABLES.filter(
    ({ name, path }) =>
      path?.[0] !== 'ports' ||
      /_(NATS|NATS_MONITOR|POSTGRES)$/.test(name) ||
      services.includes(String(path[1])),
  );
  const names = new Set(fixed.map(({ name }) => name));
  return [...fixed, ...services.map(portVariable).filter(({ name }) => !names.has(name))];
}

/** Other tools have DEVENV_* variables too, so an unknown one is only worth a word when it is nearly one of ours. */
function misspelt(variables: Variables, known: readonly EnvironmentVariable[]): string[] {
  const names = known.map(({ name }) => name);
  return Object.keys(variables)
    .filter((name) => name.startsWith('DEVENV_') && variables[name] && !names.includes(name))
    .flatMap((name) => {
      const meant = nearest(
        name.slice('DEVENV_'.length),
        names.map((other) => other.slice('DEVENV_'.length)),
      );
      return meant === undefined ? [] : [`${name} is not read; did you mean DEVENV_${meant}?`];
    });
}

const lineOf = (name: string, text: string): number =>
  text.split('\n').findLastIndex((line) => new RegExp(`^\\s*(export\\s+)?${name}\\s*=`).test(line)) + 1;

/**
 * `value` with the overrides put in, without changing `value`. Maps on the way are made when they are missing; what is
 * no map is left alone, since the schema will refuse it.
 */
export function applyOverrides(value: unknown, overrides: readonly Override[]): unknown {
  return overrides.reduce((current, override) => put(current ?? {}, override.path, override.value), value);
}

function put(value: unknown, path: Path, leaf: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return leaf;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const map = value as Record<string, unknown>;
  const inner = Object.hasOwn(map, key) ? map[key] : undefined;
  return { ...map, [key]: put(rest.length === 0 ? inner : (inner ?? {}), rest, leaf) };
}

/** The override that a path was given by, if any: that of the path itself or of one it lies in. */
export const overrideOf = (path: Path, overrides: readonly Override[]): Override | undefined =>
  overrides.findLast((override) => {
    const text = pathText(override.path);
    return pathText(path.slice(0, override.path.length)) === text;
  });

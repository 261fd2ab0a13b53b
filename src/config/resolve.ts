import { basename, resolve } from 'node:path';
import type { RuntimeKind, Topology } from '../topology/model.ts';
import { crossFieldProblems } from './checks.ts';
import { draftOf, draftOfSettings } from './draft.ts';
import {
  applyOverrides,
  type Named,
  type Override,
  overrideOf,
  readEnvironment,
  type Variables,
} from './overlay.ts';
import { type Path, type Problem, pathText, schemaProblems, shown, valueAt } from './problems.ts';
import { referenceProblems } from './reference-checks.ts';
import { NAME_EXPECTED, NAME_PATTERN } from './scalars.ts';
import { type Settings, settingsSchema } from './settings.ts';
import { toTopology } from './settings-to-topology.ts';
import { SHIPPED_SERVICES } from './shipped-pipeline.ts';
import type { YamlFile } from './yaml-document.ts';

/** Where a value stands; `file` as it is printed, lines and columns count from 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

/** What the command line may say; everything else is said in devenv.yaml or in the environment. */
export interface ConfigFlags {
  /** Name of the environment (`--name`). */
  name?: string | undefined;
  /** Path of a devenv.yaml (`--config`), relative to the current folder. */
  configFile?: string | undefined;
  /** `--runtime` */
  runtime?: string | undefined;
}

export interface Inputs {
  projectDir: string;
  flags: ConfigFlags;
  env: Variables;
  /** `file`: as it is printed. */
  dotenv: { text: string; file: string } | undefined;
  /** `file`: as it is printed; undefined when there is no devenv.yaml. */
  project: { file: string; yaml: YamlFile } | undefined;
}

/** Files of the project for the doctor to read (absolute), and rules that it leaves out. */
export interface DoctorFiles {
  natsConf: readonly string[];
  compose: readonly string[];
  manifests: readonly string[];
  ignore: readonly string[];
}

export interface Resolved {
  environmentName: string;
  runtime: 'auto' | RuntimeKind;
  topology: Topology;
  doctor: DoctorFiles;
  settings: Settings;
  notes: readonly string[];
}

export interface Sources {
  /** The place in devenv.yaml of a path written as there: `['streams', 0, 'max_bytes']`; undefined for defaults. */
  place(path: Path, on?: Problem['on']): Place | undefined;
  /** `devenv.yaml:3:5`, `DEVENV_NATS_IMAGE`, `--runtime` or `default`. */
  origin(path: Path, on?: Problem['on']): string;
  /** Whether somebody gave this very value, in whatever place; the origin is that of the nearest part that was given. */
  isGiven(path: Path): boolean;
}

/** Pure: everything that was read → the configuration, or the lines that say what is wrong with it. */
export function resolveConfig(inputs: Inputs): (Sources & Resolved) | { problems: readonly string[] } {
  const { project, flags } = inputs;
  if (project !== undefined && project.yaml.errors.length > 0) {
    const lines = project.yaml.errors.map(
      ({ line, column, message }) => `${project.file}:${line}:${column}: ${message}`,
    );
    return { problems: [...new Set(lines)] };
  }
  const written = withoutEmptyKeys(project?.yaml.value);
  const environment = readEnvironment(inputs.env, inputs.dotenv, serviceNamesOf(written));
  const overrides: Override[] = [
    ...environment.overrides,
    ...(flags.runtime === undefined
      ? []
      : [{ path: ['runtime'], value: flags.runtime, origin: '--runtime' }]),
  ];
  const input = applyOverrides(written ?? {}, overrides);
  const sources = sourcesOf(project, overrides);

  const parsed = settingsSchema.safeParse(input);
  const draft = parsed.success ? draftOfSettings(parsed.data) : draftOf(input);
  const problems = [
    ...(parsed.success ? [] : schemaProblems(parsed.error, input)),
    ...referenceProblems(draft),
    ...crossFieldProblems(draft),
  ];
  const lines = new Set(inOrder(problems, sources).map((each) => lineOf(each, sources)));

  const projectName = parsed.data?.project ?? nameOfFolder(inputs.projectDir);
  const name: Named =
    flags.name === undefined
      ? (environment.name ?? { value: projectName, origin: '' })
      : { value: flags.name, origin: '--name' };
  if (!NAME_PATTERN.test(name.value))
    lines.add(`${name.origin}: ${shown(name.value)}: expected ${NAME_EXPECTED}`);

  if (!parsed.success || lines.size > 0) return { problems: [...lines] };
  return {
    ...sources,
    environmentName: name.value,
    runtime: parsed.data.runtime,
    topology: toTopology(parsed.data, { name: projectName, dir: inputs.projectDir }),
    doctor: doctorFiles(parsed.data, inputs.projectDir),
    settings: parsed.data,
    notes: environment.notes,
  };
}

function doctorFiles({ doctor }: Settings, projectDir: string): DoctorFiles {
  const absolute = (files: readonly string[]) => files.map((file) => resolve(projectDir, file));
  return {
    natsConf: absolute(doctor.nats_conf),
    compose: absolute(doctor.compose),
    manifests: absolute(doctor.manifests),
    ignore: doctor.ignore,
  };
}

/** An account or a user of which nothing more is said than its name is declared all the same. */
const isNameAlone = (path: Path): boolean =>
  path[0] === 'accounts' && (path.length === 2 || (path.length === 4 && path[2] === 'users'));

/** `nats:` with nothing behind it, as when all its lines are commented out, means the default, not null. */
function withoutEmptyKeys(value: unknown, path: Path = []): unknown {
  if (Array.isArray(value)) return value.map((item, index) => withoutEmptyKeys(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  // In an environment an empty value is more likely forgotten than meant.
  if (path.length === 3 && path[0] === 'services' && path[2] === 'environment') return value;
  return Object.fromEntries(
    Object.entries(value)
      // `x-…` holds anchors for the rest of the file, as in Compose files.
      .filter(
        ([key, inner]) =>
          (inner !== null || isNameAlone([...path, key])) && !(path.length === 0 && key.startsWith('x-')),
      )
      .map(([key, inner]) => [key, withoutEmptyKeys(inner ?? {}, [...path, key])]),
  );
}

function serviceNamesOf(written: unknown): string[] {
  const services = (written as { services?: unknown } | undefined)?.services ?? SHIPPED_SERVICES;
  return typeof services === 'object' && services !== null && !Array.isArray(services)
    ? Object.keys(services)
    : [];
}

function sourcesOf(project: Inputs['project'], overrides: readonly Override[]): Sources {
  const place: Sources['place'] = (path, on = 'value') => {
    const position = project?.yaml.position(path, on);
    return project === undefined || position === undefined ? undefined : { file: project.file, ...position };
  };
  return {
    place,
    isGiven: (path) =>
      overrideOf(path, overrides) !== undefined || valueAt(project?.yaml.value, path) != null,
    origin: (path, on) => {
      const override = overrideOf(path, overrides);
      if (override !== undefined) return override.origin;
      const found = place(path, on);
      return found === undefined ? 'default' : `${found.file}:${found.line}:${found.column}`;
    },
  };
}

/** In the order of the file; what has no place in it, first. */
function inOrder(problems: readonly Problem[], sources: Sources): Problem[] {
  const placed = problems.map((problem) => ({ problem, place: sources.place(problem.path, problem.on) }));
  placed.sort(
    (a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
  return placed.map(({ problem }) => problem);
}

function lineOf({ path, on, message }: Problem, sources: Sources): string {
  const where = sources.origin(path, on);
  return path.length === 0 ? `${where}: ${message}` : `${where}: ${pathText(path)}: ${message}`;
}

/** The folder's name with what a name may not contain left out; the hash in an environment's id tells equals apart. */
export function nameOfFolder(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replaceAll(/^[-_]+|[-_]+$/g, '')
    .slice(0, 40);
  return name === '' ? 'project' : name;
}

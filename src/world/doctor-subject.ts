import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedConfig } from '../config/load.ts';
import type { ExamineRequest } from '../doctor/doctor.ts';

type Files = Pick<ExamineRequest, 'confs' | 'composes' | 'manifests'>;

export interface Subject {
  /** null when only files are examined. */
  config: LoadedConfig | null;
  sources: Files;
  notes: readonly string[];
}

export interface Whereabouts {
  cwd: string;
  env: NodeJS.ProcessEnv;
  name?: string | undefined;
  /** Path of a devenv.yaml. */
  configFile?: string | undefined;
}

/** What is examined: the files that were named, else the project, else the files that are usually called so. */
export async function subjectOf(
  { cwd, env, name, configFile }: Whereabouts,
  request: ExamineRequest,
): Promise<Subject> {
  const { confs, composes, manifests } = request;
  const isNamed = confs.length + composes.length + manifests.length > 0;
  if (isNamed && configFile === undefined) {
    return { config: null, sources: { confs, composes, manifests }, notes: [] };
  }
  // The schema of devenv.yaml is the dearest part to load, and files alone need none of it.
  const { loadConfig } = await import('../config/load.ts');
  const config = await loadConfig({ cwd, env, flags: { name, configFile } });
  const found = config.configFile === null && request.live !== 'only' ? usualFiles(cwd) : undefined;
  if (found !== undefined) {
    const names = [...found.confs, ...found.composes].join(' and ');
    return {
      config: null,
      sources: found,
      notes: [`there is no devenv.yaml here; ${names} is what was read`],
    };
  }
  const isFound = config.configFile !== null || request.live === 'only';
  const nothing = `there is no devenv.yaml, no ${USUAL_CONFS[0]} and no Compose file here: the defaults of devenv are what was checked`;
  const own = config.doctor;
  return {
    config,
    sources: {
      confs: [...own.natsConf, ...confs],
      composes: [...own.compose, ...composes],
      manifests: [...own.manifests, ...manifests],
    },
    notes: [...config.notes, ...(isFound ? [] : [nothing])],
  };
}

const USUAL_CONFS = ['nats.conf', 'nats-server.conf'];
/** In Compose's own order; it reads the first. */
const USUAL_COMPOSES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

function usualFiles(cwd: string): Files | undefined {
  const isThere = (name: string): boolean => existsSync(join(cwd, name));
  const confs = USUAL_CONFS.filter(isThere);
  const composes = USUAL_COMPOSES.filter(isThere).slice(0, 1);
  return confs.length + composes.length === 0 ? undefined : { confs, composes, manifests: [] };
}

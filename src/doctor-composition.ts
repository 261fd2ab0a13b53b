import type { Doctor } from './doctor/doctor.ts';
import type { Emit } from './events.ts';

export interface OpenDoctorOptions {
  /** Where devenv.yaml is looked for, from here upwards, and where relative paths begin. */
  cwd: string;
  /** For `$NAME` in a nats.conf, `${NAME}` in a Compose file, and the settings of devenv. */
  env: NodeJS.ProcessEnv;
  /** Name of the environment that is looked at when it runs. */
  name?: string | undefined;
  /** Path of a devenv.yaml. */
  configFile?: string | undefined;
  emit?: Emit | undefined;
}

/**
 * Wires the doctor to the real world; the catalogue is loaded here, because most who import devenv want an environment, and
 * the engine, its clients and its runtimes only when something runs.
 */
export async function openDoctor(options: OpenDoctorOptions): Promise<Doctor> {
  const { doctorDesk } = await import('./world/doctor-desk.ts');
  return doctorDesk({
    ...options,
    look: async (signal) => {
      const { openProject } = await import('./composition.ts');
      const { engine } = await openProject({ ...options, emit: undefined });
      return engine.look({ emit: options.emit ?? (() => undefined), signal });
    },
  });
}

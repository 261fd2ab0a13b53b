import type { Doctor } from './doctor/doctor.ts';
import type { Emit } from './events.ts';
import { doctorDesk } from './world/doctor-desk.ts';

export interface OpenDoctorOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  name?: string | undefined;
  configFile?: string | undefined;
  emit?: Emit | undefined;
}

/** Wires the doctor to the real world; the engine, its clients and its runtimes are loaded only when something runs. */
export async function openDoctor(options: OpenDoctorOptions): Promise<Doctor> {
  return doctorDesk({
    ...options,
    look: async (signal) => {
      const { openProject } = await import('./composition.ts');
      const { engine } = await openProject({ ...options, emit: undefined });
      return engine.look({ emit: options.emit ?? (() => undefined), signal });
    },
  });
}

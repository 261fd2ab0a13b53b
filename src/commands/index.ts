import { auth } from './auth.ts';
import type { Command } from './command.ts';
import { completion } from './completion.ts';
import { doctor } from './doctor.ts';
import { down } from './down.ts';
import { env } from './env.ts';
import { explain } from './explain.ts';
import { generate } from './generate.ts';
import { help } from './help.ts';
import { init } from './init.ts';
import { logs } from './logs.ts';
import { probe } from './probe.ts';
import { restart } from './restart.ts';
import { status } from './status.ts';
import { topology } from './topology.ts';
import { up } from './up.ts';

/** Every verb, in the order in which help lists them. Help, completion and parsing are made from this. */
export const commands: readonly Command[] = [
  up,
  down,
  status,
  env,
  logs,
  probe,
  doctor,
  explain,
  auth,
  topology,
  restart,
  generate,
  init,
  completion,
  help,
];

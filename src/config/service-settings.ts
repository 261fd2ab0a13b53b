import * as z from 'zod';
import { roleShape } from './role-settings.ts';
import { choice, image, mapByName, orWord, path, text, VARIABLE_NAME, whole } from './scalars.ts';
import { section } from './section.ts';
import { createdSettings } from './stream-settings.ts';
import { splitWords } from './words.ts';

const COMMAND_EXPECTED = 'expected a command: a list of words, or one line without shell operators';

const words = z
  .array(z.string({ error: 'expected a word (quote numbers)' }), { error: COMMAND_EXPECTED })
  .min(1, { error: COMMAND_EXPECTED })
  .refine((list) => list[0] !== '', { error: COMMAND_EXPECTED });

const command = z.union([words, z.string()], { error: COMMAND_EXPECTED }).transform((written, context) => {
  if (typeof written !== 'string') return written;
  const split = splitWords(written);
  if (split.ok) return split.words;
  context.issues.push({ code: 'custom', message: split.reason, input: written });
  return z.NEVER;
});

const HEALTH_EXPECTED = 'expected a path such as /readyz (asked by HTTP), tcp or none';

/** One entry of `services:`; exactly one of builtin, image, build and command says what runs. */
export const serviceSettings = section({
  builtin: choice(['api', 'worker']).optional().describe('A program of the pipeline that devenv ships.'),
  image: image().optional().describe('An image (docker runtime only); `command` may replace its own.'),
  build: z
    .union(
      [
        path(),
        section({
          context: path().describe('Folder that is sent to the builder.'),
          dockerfile: path().optional().describe('Default: Dockerfile in the context.'),
        }),
      ],
      { error: 'expected a folder, or a map with context and dockerfile' },
    )
    .transform((written) => (typeof written === 'string' ? { context: written } : written))
    .optional()
    .describe('A folder with a Dockerfile (docker runtime only).'),
  command: command
    .optional()
    .describe('A command. On the docker runtime it runs in the Node image with `cwd` mounted read-only.'),
  cwd: path().optional().describe('Folder in which `command` runs. Default: the project folder.'),
  environment: mapByName(
    VARIABLE_NAME,
    z
      .union([z.string(), z.number(), z.boolean()], { error: 'expected a value; write "" for an empty one' })
      .transform(String)
      .refine((value) => !value.includes('\0'), 'a variable cannot hold a NUL character'),
    'NAME: value',
  )
    .prefault({})
    .describe('Variables beside those that every service gets (NATS_URL, DATABASE_URL, PORT …); these win.'),
  port: whole({ max: 65_535 })
    .optional()
    .describe(
      'The HTTP port, which the service reads from PORT; preferred on this machine too (see `ports`).',
    ),
  health: z
    .union([z.enum(['tcp', 'none']), z.string().regex(/^\/[!-~]*$/, { error: HEALTH_EXPECTED })], {
      error: HEALTH_EXPECTED,
    })
    .optional()
    .describe(
      'A path to GET, "tcp" or "none". Default: tcp with a port, none without; /readyz for built-in ones.',
    ),
  account: text({ pattern: /^\S+$/u, expected: 'the name of an account' })
    .optional()
    .describe('The account it works in. Default: that of its `user`, else the first one.'),
  user: text({ pattern: /^\S+$/u, expected: 'the name of a user' })
    .optional()
    .describe('A declared user that it logs in as. Default: one of its own, called as the service is.'),
  ...roleShape,
  max_reconnects: orWord('forever', -1, whole({ min: 0 }), 'a whole number')
    .optional()
    .describe('How often its NATS client tries to reconnect before it gives up.'),
  creates: createdSettings
    .prefault({})
    .describe('What its own code creates at start; compared with the rest, never applied by devenv.'),
});

export type ServiceSettings = z.output<typeof serviceSettings>;

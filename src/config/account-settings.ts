import * as z from 'zod';
import { userSettings } from './role-settings.ts';
import { mapByName, orWord, size, type Word, whole } from './scalars.ts';
import { section } from './section.ts';

/** Account names stand in nats.conf as keys, user names in URLs; both in tables. */
export const ACCOUNT_NAME: Word = {
  pattern: /^[A-Za-z][A-Za-z0-9_-]{0,63}$/,
  expected: 'at most 64 letters, digits, "_" and "-", beginning with a letter',
};

export const USER_NAME: Word = {
  pattern: /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/,
  expected: 'at most 64 letters, digits, "_", "-" and ".", beginning with a letter',
};

const UNLIMITED_EXPECTED = 'a whole number of at least 1';

const jetstreamLimits = section({
  max_memory: orWord('unlimited', -1, size({ zero: true }), 'a size with its unit, such as 64MiB,')
    .prefault('unlimited')
    .describe('What the memory streams of the account may reserve; 0B = none.'),
  max_file: orWord('unlimited', -1, size({ zero: true }), 'a size with its unit, such as 1GiB,')
    .prefault('unlimited')
    .describe('What the file streams of the account may reserve; 0B = none.'),
  max_streams: orWord('unlimited', -1, whole(), UNLIMITED_EXPECTED)
    .prefault('unlimited')
    .describe('Streams at the same time.'),
  max_consumers: orWord('unlimited', -1, whole(), UNLIMITED_EXPECTED)
    .prefault('unlimited')
    .describe('Consumers at the same time.'),
});

/** One entry of `accounts:`. */
export const accountSettings = section({
  jetstream: z
    .union([z.literal(false), jetstreamLimits], { error: 'expected false, or a map of limits ({} for none)' })
    .prefault({})
    .describe('Limits of JetStream in this account; false = no JetStream.'),
  users: mapByName(USER_NAME, userSettings, 'users by name')
    .prefault({})
    .describe('Users beside those that each service has of its own.'),
});

export type AccountSettings = z.output<typeof accountSettings>;

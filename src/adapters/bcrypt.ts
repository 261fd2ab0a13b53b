import { hash } from 'bcryptjs';

/** Rounds make guessing slow, and every log-in. A password of 192 random bits cannot be guessed anyway. */
const ROUNDS = 6;

/** In the form `$2b$…`, which nats-server takes for a hash. */
export const bcryptHash = (password: string): Promise<string> => hash(password, ROUNDS);

import { type Database, isOutage, sqlState } from '../database.ts';
import type { Logger } from '../logger.ts';
import { errorText } from '../message-status.ts';

/** Thrown into work that waits for the database when the worker is asked to stop. */
export class StoppedError extends Error {}

const FIRST_WAIT_MS = 25;
const LAST_WAIT_MS = 1000;

/**
 * Runs database work and waits, instead of failing messages, while the database is away. While it is open the worker
 * takes nothing new and holds what it has, so that no delivery is burnt.
 */
export class Breaker {
  readonly #database: Database;
  readonly #log: Logger;
  #recovery: Promise<void> | undefined;
  #openings = 0;
  #stopped = false;
  #reason = '';

  constructor(database: Database, log: Logger) {
    this.#database = database;
    this.#log = log;
  }

  get isOpen(): boolean {
    return this.#recovery !== undefined;
  }

  get reason(): string {
    return this.#reason;
  }

  /** Errors that are no outage pass through. Work must bear being run again after it failed half-way. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      if (this.#recovery !== undefined) await this.#recovery;
      if (this.#stopped && this.isOpen) throw new StoppedError('stopped');
      try {
        const result = await work();
        this.#openings = 0;
        return result;
      } catch (error) {
        if (!isAway(error)) throw error;
        if (this.#stopped) throw new StoppedError('stopped');
        this.#open(error);
      }
    }
  }

  /** Lets go of everything that waits. */
  stop(): void {
    this.#stopped = true;
  }

  #open(error: unknown): void {
    this.#reason = errorText(error);
    if (this.#recovery !== undefined) return;
    this.#openings += 1;
    this.#log.warn({ reason: this.#reason }, 'postgres is away: pausing');
    this.#recovery = this.#recover().finally(() => {
      this.#recovery = undefined;
    });
    // Nobody may be waiting when it is given up.
    this.#recovery.catch(() => {});
  }

  async #recover(): Promise<void> {
    // A database that answers and yet fails at once is asked less and less often.
    let wait = Math.min(FIRST_WAIT_MS * 2 ** (this.#openings - 1), LAST_WAIT_MS);
    while (!this.#stopped) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      try {
        await this.#database.query('SELECT FROM message_status LIMIT 0');
        this.#log.info('postgres is back');
        return;
      } catch (error) {
        this.#reason = errorText(error);
        wait = Math.min(wait * 1.5, LAST_WAIT_MS);
      }
    }
    throw new StoppedError('stopped');
  }
}

/** Without its own status table the worker can do nothing: that is an absent database, not a bad message. */
const isAway = (error: unknown): boolean =>
  isOutage(error) || (sqlState(error) === '42P01' && /message_status/.test(errorText(error)));

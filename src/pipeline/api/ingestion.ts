import type { NatsLink } from '../nats-link.ts';
import { Problem } from './problem.ts';
import { type Publisher, UnconfirmedError } from './publisher.ts';
import type { StatusRows } from './status-rows.ts';
import { prepareSubmission, type Submission, type SubmissionContext } from './submission.ts';

/** One result per line of a batch. */
export type LineResult = { line: number; submission: Submission } | { line: number; problem: Problem };

/** Lines that are stored and published together; more are done in several rounds, so that memory stays bounded. */
const LINES_PER_ROUND = 1000;

/** Status row first, then the publish: a fast worker never looks for a row that is not there yet. */
export class Ingestion {
  readonly #link: NatsLink;
  readonly #rows: StatusRows;
  readonly #publisher: Publisher;
  readonly #entityNames: ReadonlySet<string>;

  constructor(link: NatsLink, rows: StatusRows, publisher: Publisher, entityNames: ReadonlySet<string>) {
    this.#link = link;
    this.#rows = rows;
    this.#publisher = publisher;
    this.#entityNames = entityNames;
  }

  /** NATS `max_payload` in bytes; throws NATS_UNAVAILABLE when there is no server to say so. */
  get maxPayload(): number {
    const connection = this.#link.connection;
    if (connection === undefined)
      throw new Problem('NATS_UNAVAILABLE', `NATS is away: ${this.#link.lastError}`);
    return connection.info?.max_payload ?? 1024 * 1024;
  }

  /** Resolves when the message is on the stream. Throws a Problem; after a 503 nothing is left half done. */
  async accept(text: string, context: SubmissionContext): Promise<Submission> {
    const submission = prepareSubmission(text, context, this.#limits());
    await this.#store(submission);
    return submission;
  }

  /**
   * Newline-delimited JSON; blank lines are skipped. A bad line never sinks the others. Throws a Problem only when not
   * one line could be stored because NATS or Postgres is away.
   */
  async acceptLines(body: Buffer, context: SubmissionContext): Promise<LineResult[]> {
    const results: LineResult[] = [];
    let number = 0;
    for (let start = 0; start < body.length; ) {
      const round: Promise<LineResult>[] = [];
      while (start < body.length && round.length < LINES_PER_ROUND) {
        const newline = body.indexOf(0x0a, start);
        const end = newline === -1 ? body.length : newline;
        const text = body.toString('utf8', start, end);
        start = end + 1;
        number += 1;
        if (text.trim() !== '') round.push(this.#acceptLine(text, number, context));
      }
      results.push(...(await Promise.all(round)));
    }
    const away = results.find((result) => 'problem' in result && result.problem.status === 503);
    if (away !== undefined && 'problem' in away && results.every((result) => 'problem' in result)) {
      throw away.problem;
    }
    return results;
  }

  async #acceptLine(text: string, line: number, context: SubmissionContext): Promise<LineResult> {
    try {
      const { idempotencyKey } = context;
      const own =
        idempotencyKey === undefined ? context : { ...context, idempotencyKey: `${idempotencyKey}:${line}` };
      const submission = prepareSubmission(text, own, this.#limits());
      await this.#store(submission);
      return { line, submission };
    } catch (error) {
      if (error instanceof Problem) return { line, problem: error };
      throw error;
    }
  }

  async #store(submission: Submission): Promise<void> {
    const insertion = await this.#rows.insert(submission);
    if (insertion === 'taken') return;
    try {
      await this.#publisher.publish(submission);
    } catch (error) {
      if (error instanceof UnconfirmedError) this.#rows.doubt(submission.messageId, error.message);
      else if (insertion === 'inserted') this.#rows.retract(submission.messageId);
      throw error;
    }
  }

  #limits() {
    return { maxPayload: this.maxPayload, entityNames: this.#entityNames };
  }
}

import { EXIT } from '../errors.ts';
import type { LogQuery } from '../runtime/runtime.ts';
import { serviceNames } from '../topology/deployment.ts';
import { parseDuration } from '../topology/durations.ts';
import { logPrinter } from '../ui/log-text.ts';
import { defineCommand, expectKnown, flag, type OptionSpec } from './command.ts';

/** Either so long ago, or the instant itself. */
export type Since = { agoMs: number } | { instant: Date };

const since: OptionSpec<Since | undefined> = {
  flags: '--since <time>',
  description: 'only lines since then: a duration such as 10m, or an ISO 8601 time',
  default: undefined,
  completion: { kind: 'free' },
  parse(text) {
    const reading = parseDuration(text);
    if (reading.ok) return { agoMs: reading.value };
    const instant = new Date(text);
    // Date takes much more than ISO 8601, and in ways that differ between engines.
    if (/^\d{4}-\d\d-\d\d(T|$)/.test(text) && !Number.isNaN(instant.getTime())) return { instant };
    throw new Error('Expected a duration such as 90s, 10m or 2h, or a time such as 2026-01-31T12:00:00Z.');
  },
};

const tail: OptionSpec<number | undefined> = {
  flags: '--tail <lines>',
  description: 'at most so many lines of each service from the end',
  default: undefined,
  completion: { kind: 'free' },
  parse(text) {
    if (!/^\d{1,9}$/.test(text)) throw new Error('Expected a number of lines: 0, 1, 2 and so on.');
    return Number(text);
  },
};

export const logs = defineCommand({
  name: 'logs',
  summary: 'show the logs of all services in time order',
  description:
    'Prints the lines of all services, or of the named ones, in the order in which they were written, each with the ' +
    'name of its service. With --json each line is a JSON object.',
  arguments: [
    {
      name: 'service',
      description: 'only these services',
      variadic: true,
      completion: { kind: 'services' },
    },
  ],
  options: { follow: flag('-f, --follow', 'go on with what is written from now on'), since, tail },
  examples: [
    { command: 'devenv logs -f', meaning: 'follow everything' },
    { command: 'devenv logs worker --tail 20', meaning: 'the last 20 lines of one service' },
    { command: 'devenv logs api worker --since 10m', meaning: 'what two services said lately' },
    { command: 'devenv logs nats --since 2026-01-31T12:00:00Z --json', meaning: 'for scripts' },
  ],
  async run(context, { args, options }) {
    const { engine } = await context.open({ orRecalled: 'topology' });
    const services = serviceNames(engine.topology);
    expectKnown('UNKNOWN_SERVICE', 'service', args, services);
    const query: LogQuery = {
      services: args,
      follow: options.follow,
      ...(options.since === undefined ? {} : { since: instantOf(options.since, context.now()) }),
      ...(options.tail === undefined ? {} : { tail: options.tail }),
    };
    const print = logPrinter(args.length === 0 ? services : args, context.report.style);
    await context.endProgress();
    try {
      for await (const line of engine.logs(query, { emit: context.emit, signal: context.signal })) {
        context.write(`${context.json ? JSON.stringify(line) : print(line)}\n`);
      }
    } catch (error) {
      if (!context.signal.aborted) throw error;
    }
    // Ctrl-C is how following ends: nothing went wrong that would be worth a message.
    return context.signal.aborted ? EXIT.interrupted : EXIT.ok;
  },
});

const instantOf = (since: Since, now: number): Date =>
  'instant' in since ? since.instant : new Date(now - since.agoMs);

import type { Engine, UpResult } from '../engine/engine.ts';
import { DevenvError, EXIT, type ExitStatus } from '../errors.ts';
import { serviceNames } from '../topology/deployment.ts';
import { logPrinter } from '../ui/log-text.ts';
import { upLines } from '../ui/up-report.ts';
import { defineCommand, duration, flag, oneOf } from './command.ts';
import type { CommandContext } from './context.ts';

export const up = defineCommand({
  name: 'up',
  summary: 'bring the environment up and prove that messages flow',
  description:
    'Starts NATS JetStream, Postgres and the services of devenv.yaml (or the shipped pipeline when there is none), ' +
    'applies the declared streams and consumers, and sends probe messages through. Everything is left running. On a ' +
    'healthy environment it does nothing; on a damaged one it repairs what is damaged and says why.',
  arguments: [],
  options: {
    runtime: oneOf(
      '--runtime <kind>',
      'where services run: auto, docker or process',
      ['auto', 'docker', 'process'],
      undefined,
    ),
    dryRun: flag('--dry-run', 'print what would be done, and why, without doing it'),
    probe: flag('--no-probe', 'do not send probe messages'),
    strictPorts: flag('--strict-ports', 'fail when a preferred port is taken instead of moving on'),
    attach: flag('--attach', 'follow the logs; Ctrl-C stops the environment and keeps its data'),
    keep: flag('--keep', 'leave what was started running when a first up fails, for a look'),
    timeout: duration('--timeout <duration>', 'how long each service may take to become ready', '60s'),
  },
  examples: [
    { command: 'devenv up', meaning: 'everything, on Docker when there is an engine, else as processes' },
    { command: 'devenv up --dry-run', meaning: 'only say what would be done' },
    { command: 'devenv up --name second', meaning: 'a second environment beside the first' },
    { command: 'devenv up --runtime process --no-probe --json', meaning: 'for scripts' },
    { command: 'devenv up --attach', meaning: 'stay, follow the logs, stop with Ctrl-C' },
  ],
  async run(context, { options }) {
    if (options.attach && (options.dryRun || context.json)) {
      throw new DevenvError(
        'USAGE',
        `--attach cannot be combined with ${context.json ? '--json' : '--dry-run'}.`,
        {
          hint: 'Leave one of the two out; `devenv logs -f --json` follows the logs of a running environment as JSON.',
        },
      );
    }
    const { engine } = await context.open(options.runtime === undefined ? {} : { runtime: options.runtime });
    const startedAt = new Date(context.now());
    const result = await engine.up(
      {
        runtime: options.runtime ?? 'auto',
        dryRun: options.dryRun,
        probe: options.probe,
        strictPorts: options.strictPorts,
        keep: options.keep,
        timeoutMs: options.timeout,
      },
      { emit: context.emit, signal: context.signal },
    );
    await context.result(result, (report) => upLines(result, report));
    refuseBroken(result);
    return options.attach ? attach(engine, startedAt, context) : EXIT.ok;
  },
});

/** The result with its hops is printed already; this is the last line and the exit status. */
function refuseBroken(result: UpResult): void {
  const broken = result.probes.filter(({ status }) => status === 'failed');
  if (broken.length === 0) return;
  const hops = broken.map(({ probe, brokenHop }) => `${probe} at "${brokenHop ?? 'unknown'}"`).join(', ');
  throw new DevenvError('PROBE_FAILED', `Everything is running, but messages do not flow: ${hops}.`, {
    hint: 'The environment is left running: `devenv logs` shows what the services say, `devenv probe` probes again.',
  });
}

/** Follows the logs, from what services said while they started, until Ctrl-C or until the environment is taken down by somebody else. */
async function attach(engine: Engine, since: Date, context: CommandContext): Promise<ExitStatus> {
  const print = logPrinter(serviceNames(engine.topology), context.report.style);
  const query = { services: [], follow: true, since };
  try {
    for await (const line of engine.logs(query, { emit: context.emit, signal: context.signal })) {
      context.write(`${print(line)}\n`);
    }
  } catch (error) {
    if (!context.signal.aborted) throw error;
  }
  if (!context.signal.aborted) return EXIT.ok;
  // The signal has fired, so stopping needs one of its own; a second Ctrl-C ends the process at once.
  const { environment } = await engine.down(
    { volumes: false },
    { emit: context.emit, signal: new AbortController().signal },
  );
  context.emit({ type: 'note', level: 'info', text: `${environment} is down; its data is kept` });
  return EXIT.interrupted;
}

import { DevenvError, EXIT } from '../errors.ts';
import { formatDuration } from '../topology/durations.ts';
import { probeListLines, probesLines } from '../ui/probe-report.ts';
import { defineCommand, duration, expectKnown, flag } from './command.ts';

export const probe = defineCommand({
  name: 'probe',
  summary: 'send probe messages through and report every hop',
  description:
    'Sends a message with a unique key through the running environment, checks it at every hop and names the first ' +
    'one that breaks. Without names it runs the default probes; it exits with 6 when one fails.',
  arguments: [
    { name: 'name', description: 'only these probes', variadic: true, completion: { kind: 'probes' } },
  ],
  options: {
    list: flag('--list', 'print the probes there are'),
    timeout: duration('--timeout <duration>', 'how long all of them may take', '60s'),
  },
  examples: [
    { command: 'devenv probe', meaning: 'the default probes' },
    { command: 'devenv probe flow', meaning: 'one of them' },
    { command: 'devenv probe restart', meaning: 'the one that kills a server, which only runs on request' },
    { command: 'devenv probe --list', meaning: 'which there are' },
  ],
  async run(context, { args, options }) {
    const { engine } = await context.open();
    if (options.list) {
      await context.result(engine.probes, (report) => probeListLines(engine.probes, report));
      return EXIT.ok;
    }
    expectKnown(
      'UNKNOWN_PROBE',
      'probe',
      args,
      engine.probes.map(({ name }) => name),
    );
    const overdue = new AbortController();
    const timer = setTimeout(() => {
      overdue.abort(
        new DevenvError('PROBE_FAILED', `The probes did not end within ${formatDuration(options.timeout)}.`, {
          hint: 'Allow more with --timeout, or run them one by one.',
        }),
      );
    }, options.timeout);
    try {
      const reports = await engine.probe(args, {
        emit: context.emit,
        signal: AbortSignal.any([context.signal, overdue.signal]),
      });
      await context.result(reports, ({ style }) => probesLines(reports, style));
      const broken = reports.filter(({ status }) => status === 'failed');
      if (broken.length === 0) return EXIT.ok;
      throw new DevenvError(
        'PROBE_FAILED',
        `Messages do not flow: ${broken.map((one) => `${one.probe} at "${one.brokenHop ?? 'unknown'}"`).join(', ')}.`,
        { hint: '`devenv logs` shows what the services say.' },
      );
    } catch (error) {
      // The engine may have wrapped the reason; what the user set is what the user should read.
      if (overdue.signal.aborted && !context.signal.aborted) throw overdue.signal.reason;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  },
});

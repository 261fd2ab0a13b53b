import { EXIT } from '../errors.ts';
import { serviceNames } from '../topology/deployment.ts';
import { serviceTable } from '../ui/service-table.ts';
import { defineCommand, duration, expectKnown } from './command.ts';

export const restart = defineCommand({
  name: 'restart',
  summary: 'stop and start services again',
  description:
    'Restarts all services, or the named ones, with their data, and waits until they are ready again.',
  arguments: [
    {
      name: 'service',
      description: 'only these services',
      variadic: true,
      completion: { kind: 'services' },
    },
  ],
  options: { timeout: duration('--timeout <duration>', 'how long they may take to become ready', '60s') },
  examples: [
    { command: 'devenv restart worker', meaning: 'one service, after its code has changed' },
    { command: 'devenv restart', meaning: 'all of them' },
  ],
  async run(context, { args, options }) {
    const { engine } = await context.open();
    expectKnown('UNKNOWN_SERVICE', 'service', args, serviceNames(engine.topology));
    const rows = await engine.restart(
      args,
      { timeoutMs: options.timeout },
      { emit: context.emit, signal: context.signal },
    );
    await context.result(rows, (report) => serviceTable(rows, report));
    return EXIT.ok;
  },
});

import { EXIT } from '../errors.ts';
import { statusLines } from '../ui/status-report.ts';
import { defineCommand } from './command.ts';

export const status = defineCommand({
  name: 'status',
  summary: 'show services, ports, streams, consumers and the last probe',
  description:
    'Asks what really runs, not what was started: state and health of each service, the bytes that streams use and ' +
    "reserve against the server's limits, the lag of the consumers, and how the last probe ended.",
  arguments: [],
  options: {},
  examples: [
    { command: 'devenv status', meaning: 'for people' },
    { command: "devenv status --json | jq '.services[].url'", meaning: 'for scripts' },
  ],
  async run(context) {
    const { engine } = await context.open({ orRecalled: 'topology' });
    const report = await engine.status({ emit: context.emit, signal: context.signal });
    await context.result(report, (options) => statusLines(report, context.now(), options));
    return EXIT.ok;
  },
});

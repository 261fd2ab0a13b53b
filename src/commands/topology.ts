import { DevenvError, EXIT, type ExitStatus } from '../errors.ts';
import { topologyGraph } from '../topology/graph.ts';
import { driftLines, mendedLines } from '../ui/drift-report.ts';
import { topologyMermaid } from '../ui/topology-mermaid.ts';
import { topologyTreeLines } from '../ui/topology-tree.ts';
import { defineCommand, expectKnown, flag, oneOf } from './command.ts';
import type { CommandContext } from './context.ts';

const ACTIONS = ['show', 'diff', 'apply'] as const;
const FORMATS = ['text', 'mermaid', 'json'] as const;

export const topology = defineCommand({
  name: 'topology',
  summary: 'show what flows where, compare it with the servers, apply it',
  description:
    'show draws publishers, streams, consumers and services of each account from the declaration alone. diff compares ' +
    'the declaration with what the servers of the running environment hold: what is missing, what would change, what ' +
    'would lose messages in silence, what the server cannot change; it changes nothing and exits with 7 when there are ' +
    'differences, 0 when there are none. apply makes the servers as declared and refuses (exit 2), before it touches ' +
    'anything, when that would lose messages or positions of consumers. Streams and consumers that are not declared are ' +
    'left alone.',
  arguments: [
    {
      name: 'action',
      description: 'show, diff or apply',
      required: true,
      completion: { kind: 'one-of', values: ACTIONS },
    },
  ],
  options: {
    format: oneOf('--format <format>', 'of show: text, mermaid or json', FORMATS, undefined),
    allowDataLoss: flag(
      '--allow-data-loss',
      'with apply: also what loses data; what cannot be changed is deleted and created again',
    ),
  },
  examples: [
    { command: 'devenv topology show', meaning: 'as a tree' },
    { command: 'devenv topology show --format mermaid >> README.md', meaning: 'for Markdown' },
    { command: 'devenv topology diff', meaning: 'what `apply` would do, and what it would refuse' },
    { command: 'devenv topology apply', meaning: 'everything that loses nothing' },
    { command: 'devenv topology apply --allow-data-loss', meaning: 'and everything else' },
  ],
  async run(context, { args, options }) {
    const [action = ''] = args;
    expectKnown('USAGE', 'action', [action], ACTIONS);
    if (options.format !== undefined && action !== 'show')
      throw new DevenvError('USAGE', `--format belongs to \`topology show\`; ${action} knows --json.`);
    if (options.allowDataLoss && action !== 'apply')
      throw new DevenvError('USAGE', `--allow-data-loss belongs to \`topology apply\`, not to ${action}.`);
    if (action === 'show') return show(context, options.format);
    return action === 'diff' ? diff(context) : apply(context, options.allowDataLoss);
  },
});

async function show(
  context: CommandContext,
  format: (typeof FORMATS)[number] | undefined,
): Promise<ExitStatus> {
  const { engine } = await context.open();
  const graph = topologyGraph(engine.topology);
  if (format === 'mermaid' && !context.json) {
    await context.endProgress();
    context.write(topologyMermaid(graph));
  } else if (format === 'json' && !context.json) {
    await context.endProgress();
    context.write(`${JSON.stringify(graph, null, 2)}\n`);
  } else {
    const value = format === 'mermaid' ? { mermaid: topologyMermaid(graph) } : graph;
    await context.result(value, (report) => topologyTreeLines(graph, report));
  }
  return EXIT.ok;
}

async function diff(context: CommandContext): Promise<ExitStatus> {
  const { engine } = await context.open();
  const found = await engine.drift.compare({ emit: context.emit, signal: context.signal });
  await context.result(found, (report) => driftLines(found, report));
  return found.same ? EXIT.ok : EXIT.findings;
}

async function apply(context: CommandContext, allowDataLoss: boolean): Promise<ExitStatus> {
  const { engine } = await context.open();
  const mended = await engine.drift.mend({ allowDataLoss }, { emit: context.emit, signal: context.signal });
  await context.result(mended, (report) => mendedLines(mended, report));
  return EXIT.ok;
}

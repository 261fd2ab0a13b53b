import { formatDuration } from '../topology/durations.ts';
import type { AccountGraph, ConsumerNode, Flow, StreamNode, TopologyGraph } from '../topology/graph.ts';
import { formatSize } from '../topology/sizes.ts';
import type { ReportOptions } from './report.ts';
import { printable } from './safe-text.ts';
import type { Style } from './style.ts';
import { textWidth, truncate } from './text-width.ts';

/** One line of the picture: what it is, its subjects or its settings, and what hangs below it. */
interface Twig {
  text: string;
  paint?: (text: string) => string;
  detail?: string;
  below?: readonly Twig[];
}

/** Everything that flows in each account, as a tree whose second column is aligned over the whole picture. */
export function topologyTreeLines(graph: TopologyGraph, { style, width }: ReportOptions): string[] {
  if (graph.accounts.length === 0) {
    return [`${style.bold(line(graph.project))} declares no streams, and nobody who publishes or subscribes`];
  }
  const blocks = graph.accounts.map((account) => ({
    title: `account ${line(account.account)}`,
    rows: rowsOf(twigsOf(account, style)),
  }));
  const widest = Math.max(
    0,
    ...blocks.flatMap(({ rows }) => rows.map(({ head, detail }) => (detail === '' ? 0 : textWidth(head)))),
  );
  return blocks.flatMap(({ title, rows }, index) => [
    ...(index === 0 ? [] : ['']),
    style.bold(title),
    ...rows.map(({ branch, text, head, paint, detail }) => {
      if (detail === '') return branch + paint(text);
      const padding = ' '.repeat(widest - textWidth(head) + 2);
      const room = Math.max(8, width - widest - 2);
      return `${branch}${paint(text)}${padding}${style.dim(truncate(detail, room))}`;
    }),
  ]);
}

interface Row {
  branch: string;
  text: string;
  /** Both together, for measuring. */
  head: string;
  paint: (text: string) => string;
  detail: string;
}

function rowsOf(twigs: readonly Twig[], indent = ''): Row[] {
  return twigs.flatMap(({ text, paint = (same) => same, detail = '', below = [] }, index) => {
    const isLast = index === twigs.length - 1;
    const branch = `${indent}${isLast ? '└─ ' : '├─ '}`;
    const clean = line(text);
    return [
      { branch, text: clean, head: branch + clean, paint, detail: line(detail) },
      ...rowsOf(below, `${indent}${isLast ? '   ' : '│  '}`),
    ];
  });
}

function twigsOf({ streams, core, requests, unheard }: AccountGraph, style: Style): Twig[] {
  const nobody = (text: string): Twig => ({ text, paint: style.yellow });
  const flows = (word: string, list: readonly Flow[]) =>
    list.map(
      ({ kind, name, subjects }): Twig => ({ text: `${word} ${kind} ${name}`, detail: subjects.join(', ') }),
    );
  return [
    ...streams.map((stream) => streamTwig(stream, style)),
    ...core.map(
      ({ subject, publishers, subscribers }): Twig => ({
        text: `core ${subject}`,
        paint: style.cyan,
        below: [
          ...(publishers.length === 0 ? [nobody('nobody publishes')] : flows('from', publishers)),
          ...(subscribers.length === 0 ? [nobody('nobody subscribes')] : flows('to', subscribers)),
        ],
      }),
    ),
    ...requests.map(
      ({ subject, requesters, servers }): Twig => ({
        text: `request ${subject}`,
        paint: style.magenta,
        below: [
          ...(requesters.length === 0 ? [nobody('nobody asks')] : flows('asked by', requesters)),
          ...(servers.length === 0 ? [nobody('nobody answers')] : flows('answered by', servers)),
        ],
      }),
    ),
    ...(unheard.length === 0
      ? []
      : [{ text: 'published and heard by nobody', paint: style.yellow, below: flows('from', unheard) }]),
  ];
}

function streamTwig(stream: StreamNode, style: Style): Twig {
  const { name, members, publishers, consumers, observers, createdBy } = stream;
  const what = members === undefined ? 'stream' : 'streams';
  return {
    text: `${what} ${name}`,
    paint: style.green,
    detail: [stream.subjects.join(', '), settings(stream)].filter((part) => part !== '').join('  '),
    below: [
      ...(createdBy === undefined
        ? []
        : [{ text: `created by service ${createdBy.join(', ')}`, paint: style.yellow }]),
      ...(members === undefined || members.length === 0
        ? []
        : [{ text: `${members.length} of them`, detail: members.join(', ') }]),
      ...(publishers.length === 0
        ? [{ text: 'nobody publishes', paint: style.yellow }]
        : publishers.map(
            ({ kind, name: who, subjects }): Twig => ({
              text: `from ${kind} ${who}`,
              detail: subjects.join(', '),
            }),
          )),
      ...consumers.map((consumer) => consumerTwig(consumer, style)),
      ...observers.map(({ kind, name: who }): Twig => ({ text: `read by ${kind} ${who}` })),
    ],
  };
}

const consumerTwig = ({ name, filterSubjects, createdBy, workers }: ConsumerNode, style: Style): Twig => ({
  text: `consumer ${name}`,
  detail: filterSubjects.length === 0 ? 'every subject' : filterSubjects.join(', '),
  below: [
    ...(createdBy === undefined
      ? []
      : [{ text: `created by service ${createdBy.join(', ')}`, paint: style.yellow }]),
    ...(workers.length === 0
      ? [{ text: 'nobody works it', paint: style.yellow }]
      : workers.map(({ kind, name: who }): Twig => ({ text: `to ${kind} ${who}` }))),
  ],
});

function settings({ storage, retention, maxBytes, maxAge, replicas }: StreamNode): string {
  if (storage === undefined) return '';
  const parts = [
    storage,
    retention === 'limits' ? '' : retention,
    maxBytes === undefined || maxBytes < 0 ? 'no limit' : formatSize(maxBytes),
    maxAge === undefined || maxAge === 0 ? '' : formatDuration(maxAge),
    replicas === undefined || replicas === 1 ? '' : `${replicas} replicas`,
  ];
  return `(${parts.filter((part) => part !== '').join(', ')})`;
}

/** One line without anything that moves the cursor. */
const line = (text: string): string => printable(text).replace(/[\t\n]/g, ' ');

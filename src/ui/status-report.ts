import type { StatusReport } from '../engine/engine.ts';
import { formatSize } from '../topology/sizes.ts';
import type { ReportOptions } from './report.ts';
import { detailedServiceTable } from './service-table.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { spokenDuration } from './units.ts';

/** `now` is the wall clock in milliseconds, for the age of the last probe. */
export function statusLines(report: StatusReport, now: number, options: ReportOptions): string[] {
  const { style, invocation } = options;
  const name = style.bold(report.name);
  if (!report.running && report.services.every(({ state }) => state === 'absent')) {
    return [`${name} (${report.projectDir}) is not running; ${invocation('up')} starts it`];
  }
  const state = report.running ? style.green('running') : style.yellow('not complete');
  const where = report.runtime === null ? '' : ` on the ${report.runtime} runtime`;
  return [
    `${name} (${report.projectDir}) is ${state}${where}`,
    '',
    ...detailedServiceTable(report.services, options),
    '',
    ...(report.jetstream === null
      ? [style.yellow('JetStream does not answer')]
      : jetStreamLines(report.jetstream, options)),
    '',
    lastProbeText(report.lastProbe, now, style),
  ];
}

type JetStream = NonNullable<StatusReport['jetstream']>;

function jetStreamLines(jetstream: JetStream, { style, width }: ReportOptions): string[] {
  const size = (bytes: number): string => (bytes < 0 ? 'no limit' : formatSize(bytes));
  const declaration = (declared: boolean): string => (declared ? '' : 'not declared');
  const stores = table(
    [
      { title: 'STORE' },
      { title: 'USED', align: 'right' },
      { title: 'RESERVED', align: 'right' },
      { title: 'LIMIT', align: 'right' },
    ],
    (['memory', 'file'] as const).map((store) => {
      const { used, reserved, limit } = jetstream[store];
      return [store, size(used), size(reserved), size(limit)];
    }),
    { style, width },
  );
  const streams = table(
    [
      { title: 'STREAM' },
      { title: 'STORE' },
      { title: 'MESSAGES', align: 'right' },
      { title: 'USED', align: 'right' },
      { title: 'RESERVED', align: 'right' },
      { title: 'SUBJECTS', shrinks: true },
      { title: 'REMARK' },
    ],
    jetstream.streams.map((stream) => [
      stream.name,
      stream.storage,
      String(stream.messages),
      size(stream.used),
      size(stream.reserved),
      stream.subjects.join(', '),
      declaration(stream.declared),
    ]),
    { style, width },
  );
  const consumers = table(
    [
      { title: 'CONSUMER' },
      { title: 'STREAM' },
      { title: 'LAG', align: 'right' },
      { title: 'PENDING', align: 'right' },
      { title: 'UNACKED', align: 'right' },
      { title: 'REDELIVERED', align: 'right' },
      { title: 'REMARK' },
    ],
    jetstream.consumers.map((consumer) => [
      consumer.name,
      consumer.stream,
      String(consumer.lag),
      String(consumer.pending),
      String(consumer.ackPending),
      String(consumer.redelivered),
      declaration(consumer.declared),
    ]),
    { style, width },
  );
  return [
    ...stores,
    ...(jetstream.streams.length === 0 ? [] : ['', ...streams]),
    ...(jetstream.consumers.length === 0 ? [] : ['', ...consumers]),
  ];
}

function lastProbeText(last: StatusReport['lastProbe'], now: number, style: Style): string {
  if (last === null) return style.dim('not probed yet');
  const status = last.status === 'passed' ? style.green('passed') : style.red('failed');
  const age = spokenDuration(Math.max(0, now - Date.parse(last.at)));
  if (last.probes.length > 0 && last.probes.every(({ status }) => status === 'skipped')) {
    return style.dim(`nothing to probe ${age} ago: every probe was skipped`);
  }
  const each = last.probes.map(({ probe, status, ms, brokenHop }) =>
    brokenHop === undefined
      ? `${probe} ${status} in ${spokenDuration(ms)}`
      : `${probe} broken at ${brokenHop}`,
  );
  return `last probe ${status} ${age} ago: ${each.join(', ')}`;
}

import type { ServiceRow } from '../engine/engine.ts';
import type { ReportOptions } from './report.ts';
import type { Style } from './style.ts';
import { type Cell, table } from './table.ts';
import { spokenDuration } from './units.ts';

/** What `up` and `restart` show: where each service is and whether it answers. */
export function serviceTable(rows: readonly ServiceRow[], { style, width }: ReportOptions): string[] {
  return table(
    [
      { title: 'SERVICE' },
      { title: 'STATE' },
      { title: 'HEALTH', shrinks: true },
      { title: 'URL' },
      { title: 'PID' },
      { title: 'CONTAINER' },
    ],
    rows.map((row) => [
      row.service,
      stateCell(row, style),
      healthCell(row, style),
      row.url ?? '',
      String(row.pid ?? ''),
      row.container ?? '',
    ]),
    { style, width },
  );
}

/** What `status` shows: the same with ports, uptime and restarts. */
export function detailedServiceTable(rows: readonly ServiceRow[], { style, width }: ReportOptions): string[] {
  return table(
    [
      { title: 'SERVICE' },
      { title: 'STATE' },
      { title: 'HEALTH', shrinks: true },
      { title: 'UPTIME', align: 'right' },
      { title: 'RESTARTS', align: 'right' },
      { title: 'PORTS' },
      { title: 'PID' },
      { title: 'CONTAINER' },
      { title: 'URL' },
    ],
    rows.map((row) => [
      row.service,
      stateCell(row, style),
      healthCell(row, style),
      row.uptimeMs === undefined ? '' : spokenDuration(row.uptimeMs),
      String(row.restarts),
      portsText(row),
      String(row.pid ?? ''),
      row.container ?? '',
      row.url ?? '',
    ]),
    { style, width },
  );
}

/** `4222`, or `nats 4222, nats-monitor 8222` when there are several. */
function portsText({ ports }: ServiceRow): string {
  const entries = Object.entries(ports);
  if (entries.length === 1) return String(entries[0]![1]);
  return entries.map(([name, port]) => `${name} ${port}`).join(', ');
}

function stateCell({ state }: ServiceRow, style: Style): Cell {
  if (state === 'running') return { text: state, paint: style.green };
  if (state === 'starting') return { text: state, paint: style.yellow };
  return { text: state, paint: style.red };
}

/** The detail only where it tells something: why it is not ready. */
function healthCell({ health, state }: ServiceRow, style: Style): Cell {
  if (health.status === 'ready') return { text: 'ready', paint: style.green };
  if (state === 'absent') return '';
  if (health.status === 'unknown') return { text: 'unknown', paint: style.dim };
  return { text: `not ready: ${health.detail}`, paint: style.red };
}

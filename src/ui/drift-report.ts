import type { TopologyDiff, TopologyMended } from '../engine/engine.ts';
import type { TopologyChange } from '../topology/topology-change.ts';
import type { ReportOptions } from './report.ts';
import { printable } from './safe-text.ts';
import type { Style } from './style.ts';
import { type Cell, table } from './table.ts';
import { spokenDuration } from './units.ts';

/** Every difference with what it means, what it would cost and which rule explains it. */
export function driftLines({ environment, same, accounts }: TopologyDiff, options: ReportOptions): string[] {
  const { style, width, invocation } = options;
  const rows = accounts.flatMap(({ account, changes }) =>
    changes
      .filter(({ kind }) => kind !== 'same')
      .map((change) => rowOf(change, accounts.length > 1 ? account : '', style)),
  );
  const name = style.bold(one(environment));
  const columns = [
    { title: '' },
    { title: 'ACCOUNT' },
    { title: 'WHAT' },
    { title: 'FIELD' },
    { title: 'LIVE', shrinks: true },
    { title: 'DECLARED', shrinks: true },
    { title: 'MEANING', shrinks: true },
  ];
  const drawn = rows.length === 0 ? [] : ['', ...table(columns, rows, { style, width })];
  if (same) return [`${name}: the servers hold what is declared`, ...drawn];
  const changes = accounts.flatMap((account) => account.changes);
  const count = changes.filter(({ kind }) => ['create', 'update', 'immutable'].includes(kind)).length;
  const losses = changes.filter((change) => losesData(change)).length;
  return [
    `${name}: ${count} ${count === 1 ? 'difference' : 'differences'} between what is declared and what the servers hold`,
    ...drawn,
    '',
    losses === 0
      ? `\`${invocation('topology apply')}\` makes the servers as declared, without loss`
      : style.yellow(
          `${losses} would lose data: \`${invocation('topology apply')}\` refuses, with --allow-data-loss it makes all of them`,
        ),
  ];
}

const losesData = ({ kind, dangerous }: TopologyChange): boolean => kind === 'immutable' || dangerous;

function rowOf(change: TopologyChange, account: string, style: Style): Cell[] {
  const { object, field = '', live = '', declared = '' } = change;
  const { mark, paint } = lookOf(change, style);
  return [
    { text: mark, paint },
    one(account),
    { text: one(object), paint },
    field,
    one(live),
    one(declared),
    one(meaningOf(change)),
  ];
}

function meaningOf({ kind, reason, cost, rule, dangerous }: TopologyChange): string {
  const plain = kind === 'update' && !dangerous && / differs$/.test(reason);
  const text = plain ? 'can be changed' : reason;
  return `${text}${cost === undefined ? '' : `; made anew, it loses ${cost}`}${rule === undefined || plain ? '' : ` (${rule})`}`;
}

function lookOf(
  { kind, dangerous }: TopologyChange,
  style: Style,
): { mark: string; paint: (text: string) => string } {
  if (kind === 'immutable') return { mark: '✖', paint: style.red };
  if (dangerous || kind === 'orphaned') return { mark: '!', paint: style.yellow };
  if (kind === 'create') return { mark: '+', paint: style.green };
  return kind === 'update' ? { mark: '~', paint: style.cyan } : { mark: '?', paint: style.dim };
}

/** What `topology apply` has done, one line each. */
export function mendedLines({ environment, done, ms }: TopologyMended, { style }: ReportOptions): string[] {
  const name = style.bold(one(environment));
  if (done.length === 0) return [`${name}: the servers hold what is declared; nothing to do`];
  const accounts = new Set(done.map(({ account }) => account));
  return [
    `${name}: ${done.length} ${done.length === 1 ? 'thing' : 'things'} done (${spokenDuration(ms)})`,
    ...done.map(({ account, object, action, details }) => {
      const where = accounts.size > 1 ? ` of account ${account}` : '';
      const what = details.length === 0 ? '' : `: ${details.join(', ')}`;
      const text = one(
        `${object}${where} ${action === 'recreated' ? 'deleted and created again' : action}${what}`,
      );
      return `  ${action === 'recreated' ? style.yellow(text) : text}`;
    }),
  ];
}

/** One line without anything that moves the cursor. */
const one = (text: string): string => printable(text).replace(/[\t\n]/g, ' ');

import type { AuthReport, AuthTrial, AuthUser, Followed, RotateResult } from '../engine/engine.ts';
import type { ReportOptions } from './report.ts';
import { serviceTable } from './service-table.ts';
import type { Style } from './style.ts';
import { type Cell, table } from './table.ts';
import { counted, spokenDuration } from './units.ts';

/** Everybody who may log in, then what each of them may do. No secrets. */
export function authListLines(users: readonly AuthUser[], options: ReportOptions): string[] {
  const { style } = options;
  return [
    ...table(
      [
        { title: 'USER' },
        { title: 'ACCOUNT' },
        { title: 'LOG-IN' },
        { title: 'WHO' },
        { title: 'MAY', shrinks: true },
      ],
      users.map((user) => [user.name, user.account, user.auth, whoText(user), summaryOf(user)]),
      options,
    ),
    ...users.flatMap((user) => permissionLines(user, style)),
  ];
}

const whoText = ({ kind, services }: AuthUser): string => {
  if (kind === 'admin') return 'devenv itself';
  if (kind === 'monitor') return 'monitoring';
  return services.length === 0 ? 'declared' : services.join(', ');
};

function summaryOf({ permissions }: AuthUser): string {
  if (permissions === null) return 'everything in its account';
  const { publish, subscribe, allowResponses } = permissions;
  const parts = [
    ...(publish.allow.length > 0 ? [`publish to ${publish.allow.length}`] : []),
    ...(subscribe.allow.length > 0 ? [`subscribe to ${subscribe.allow.length}`] : []),
    ...(allowResponses ? ['answer requests'] : []),
  ];
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

function permissionLines({ name, permissions }: AuthUser, style: Style): string[] {
  if (permissions === null) return [];
  const lines = (deed: 'publish' | 'subscribe') => [
    ...permissions[deed].allow.map((subject) => `  ${deed.padEnd(9)}  ${subject}`),
    ...permissions[deed].deny.map((subject) => style.dim(`  ${deed.padEnd(9)}  not ${subject}`)),
  ];
  return ['', style.bold(name), ...lines('publish'), ...lines('subscribe')];
}

/** One line for each user, then each thing that came out otherwise than declared. */
export function authTestLines(report: AuthReport, options: ReportOptions): string[] {
  const { style } = options;
  const differing = report.users.flatMap(({ trials }) => trials.filter(differs));
  return [
    ...table(
      [
        { title: 'USER' },
        // Who it is and what came out is read in the first place.
        { title: 'ACCOUNT', shrinks: true },
        { title: 'LOG-IN' },
        { title: 'WRONG LOG-IN' },
        { title: 'ALLOWED', align: 'right' },
        { title: 'DENIED', align: 'right' },
        { title: 'NOT TRIED', align: 'right' },
      ],
      report.users.map(({ user, account, trials }) => {
        const logins = trials.filter(({ deed }) => deed === 'log in');
        const others = trials.filter(({ deed }) => deed !== 'log in');
        const skipped = others.filter(({ seen }) => seen === 'skipped').length;
        return [
          user,
          account,
          verdict(
            logins.filter(({ expected }) => expected === 'allowed'),
            'accepted',
            style,
          ),
          verdict(
            logins.filter(({ expected }) => expected === 'denied'),
            'refused',
            style,
          ),
          tally(others, 'allowed', style),
          tally(others, 'denied', style),
          skipped === 0 ? '' : String(skipped),
        ];
      }),
      options,
    ),
    '',
    ...report.users.flatMap(({ user, trials }) => userDifferences(user, trials.filter(differs), style)),
    differing.length === 0
      ? `${counted(report.trials, 'trial')}, all as declared (${spokenDuration(report.ms)})`
      : style.red(
          `${counted(differing.length, 'trial')} of ${report.trials} came out otherwise than declared`,
        ),
  ];
}

const differs = ({ expected, seen }: AuthTrial): boolean => seen !== 'skipped' && seen !== expected;

function verdict(trials: readonly AuthTrial[], word: string, style: Style): Cell {
  const wrong = trials.find(differs);
  if (wrong === undefined) return { text: word, paint: style.green };
  // Who did not answer has neither let in nor refused.
  return { text: wrong.seen === 'unknown' ? 'no answer' : `not ${word}`, paint: style.red };
}

/** `14/14`: how many of what should have been so were so. */
function tally(trials: readonly AuthTrial[], expected: AuthTrial['expected'], style: Style): Cell {
  const tried = trials.filter((trial) => trial.expected === expected && trial.seen !== 'skipped');
  const right = tried.filter((trial) => !differs(trial)).length;
  return { text: `${right}/${tried.length}`, paint: right === tried.length ? style.green : style.red };
}

/** What one cause kept from being known is told once. */
function userDifferences(user: string, differing: readonly AuthTrial[], style: Style): string[] {
  const byCause = new Map<string, number>();
  for (const { seen, detail } of differing)
    if (seen === 'unknown') byCause.set(detail, (byCause.get(detail) ?? 0) + 1);
  const told = [...byCause].filter(([, count]) => count > 2);
  return [
    ...differing
      .filter(({ seen, detail }) => seen !== 'unknown' || !told.some(([cause]) => cause === detail))
      .flatMap((trial) => differenceLines(user, trial, style)),
    ...told.flatMap(([cause, count]) => [
      `${style.red('✗')} ${style.bold(user)}: ${count} trials told nothing`,
      style.dim(`  ${cause}`),
    ]),
  ];
}

const differenceLines = (user: string, trial: AuthTrial, style: Style): string[] => [
  `${style.red('✗')} ${style.bold(user)} ${trial.deed} ${trial.subject}: expected ${trial.expected}, seen ${trial.seen}`,
  style.dim(`  ${trial.why}; ${trial.detail}`),
];

/** What became of the servers: who was connected as somebody else noticed nothing when they only read their file again. */
export function followedLines(servers: readonly Followed[]): string[] {
  const named = (how: Followed['how']) => servers.filter((server) => server.how === how);
  const names = (some: readonly Followed[]) => some.map(({ service }) => service).join(', ');
  const longest = (some: readonly Followed[]) => spokenDuration(Math.max(...some.map(({ ms }) => ms)));
  const [reloaded, restarted] = [named('reloaded'), named('restarted')];
  return [
    ...(reloaded.length === 0
      ? []
      : [`${names(reloaded)} read the new configuration without a restart (${longest(reloaded)})`]),
    ...restarted.map(
      ({ service, ms }) => `${service} was restarted and is current again (${spokenDuration(ms)})`,
    ),
  ];
}

export function rotateLines(result: RotateResult, options: ReportOptions): string[] {
  const { style } = options;
  return [
    ...serviceTable(result.services, options),
    '',
    ...followedLines(result.servers),
    `new credentials for ${style.bold(result.users.join(', '))}; the old ones are refused (${spokenDuration(result.ms)})`,
    `${options.invocation('env')} prints devenv's own, ${options.invocation('env')} --user <name> those of one user`,
  ];
}

import type { Doctor, Examination, ExamineRequest } from '../doctor/doctor.ts';
import { DevenvError, EXIT } from '../errors.ts';
import { diffLines, doctorLines } from '../ui/doctor-report.ts';
import { defineCommand, expectKnown, flag, type OptionSpec, repeated } from './command.ts';
import type { CommandContext } from './context.ts';

const natsVersion: OptionSpec<string | undefined> = {
  flags: '--nats-version <version>',
  description: 'the nats-server that will read the files (default: what the files say, else the newest)',
  default: undefined,
  completion: { kind: 'free' },
  parse: (text) => {
    if (!/^v?2\.\d{1,3}(\.\d{1,3})?$/.test(text))
      throw new Error('Expected a version such as 2.10.27 or 2.10.');
    return text;
  },
};

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'find mistakes in the set-up, before it runs and while it runs',
  description:
    'Checks devenv.yaml and the files that it names under `doctor:` against every rule of the catalogue and, when the ' +
    'environment runs, looks at that too. Each finding has its rule, its place, the cause, what you would have seen, and ' +
    'the fix. With --conf, --compose or --manifest it reads those files instead, of any project, without a devenv.yaml. ' +
    'It exits with 7 when there are errors.',
  arguments: [],
  options: {
    static: flag('--static', 'only files and the declaration: nothing that runs is asked'),
    live: flag('--live', 'only the running environment'),
    rule: repeated('--rule <ids...>', 'only these rules', 'free'),
    fix: flag('--fix', 'make the mechanical fixes, after showing them'),
    yes: flag('--yes', 'with --fix: do not ask'),
    strict: flag('--strict', 'exit with 7 for warnings too'),
    conf: repeated('--conf <files...>', 'configurations of nats-server; - is standard input', 'file'),
    compose: repeated('--compose <files...>', 'Compose files, and the nats.conf that they mount', 'file'),
    manifest: repeated(
      '--manifest <files...>',
      'Kubernetes manifests, Helm values, dashboards, streams as JSON',
      'file',
    ),
    natsVersion,
  },
  examples: [
    { command: 'devenv doctor', meaning: 'this project, and its environment when it runs' },
    { command: 'devenv doctor --static --json', meaning: 'for CI' },
    { command: 'devenv doctor --conf nats.conf --nats-version 2.10', meaning: "somebody's nats.conf" },
    {
      command: 'devenv doctor --conf nats.conf --compose compose.yaml --fix',
      meaning: 'and mend what can be mended',
    },
    { command: 'devenv doctor --rule R01 --rule S01', meaning: 'two rules only' },
  ],
  async run(context, { options }) {
    if (options.static && options.live) {
      throw new DevenvError('USAGE', '--static and --live exclude each other.', {
        hint: 'Without either, both are done: the files, and the environment when it runs.',
      });
    }
    const isNamed = options.conf.length + options.compose.length + options.manifest.length > 0;
    if (options.live && isNamed) {
      throw new DevenvError(
        'USAGE',
        '--live looks at an environment of devenv, not at files that are named.',
        {
          hint: 'Leave --live out, or leave the files out.',
        },
      );
    }
    if (options.yes && !options.fix)
      throw new DevenvError('USAGE', '--yes is the answer to --fix, which is missing.');
    const request: ExamineRequest = {
      confs: options.conf,
      composes: options.compose,
      manifests: options.manifest,
      ...(await stdinFor([...options.conf, ...options.compose, ...options.manifest], context)),
      natsVersion: await exactVersion(options.natsVersion),
      rules: await knownRules(options.rule),
      static: !options.live,
      live: options.live ? 'only' : options.static ? 'no' : 'when-running',
    };
    const desk = await context.doctor();
    const first = await desk.examine(request, context);
    for (const text of first.notes) context.emit({ type: 'note', level: 'info', text });
    const fixed = options.fix ? await fix(desk, first, options.yes, context) : undefined;
    const last = fixed?.isWritten === true ? await desk.examine(request, context) : first;
    const { report } = last;
    const texts = new Map([...last.files].map(([name, { text }]) => [name, text]));
    await context.result(fixed === undefined ? report : { ...report, fix: fixed.told }, (how) => [
      ...(fixed?.lines ?? []),
      ...doctorLines({ report, texts, editable: editable(last), budget: last.budget }, how),
    ]);
    const { errors, warnings } = report.summary;
    return errors > 0 || (options.strict && warnings > 0) ? EXIT.findings : EXIT.ok;
  },
});

/** Texts of the files that can be written to. */
const editable = ({ files }: Examination): ReadonlyMap<string, string> =>
  new Map([...files].flatMap(([name, { path, text }]) => (path === null ? [] : [[name, text]])));

interface Fixed {
  isWritten: boolean;
  lines: readonly string[];
  told: { written: boolean; files: readonly string[]; findings: number; diff: readonly string[] };
}

/** Shows what would change, asks, writes. Nothing to mend is no mistake. */
async function fix(
  desk: Doctor,
  examination: Examination,
  isAgreed: boolean,
  context: CommandContext,
): Promise<Fixed> {
  const { planFix } = await import('../doctor/fix.ts');
  const { unifiedDiff } = await import('../doctor/unified-diff.ts');
  const plan = planFix(examination.report.findings, editable(examination));
  const diff = plan.changes.flatMap(unifiedDiff);
  const told = { files: plan.changes.map(({ file }) => file), findings: plan.fixed.length, diff };
  const postponed = plan.postponed.map(
    ({ finding, reason }) => `${finding.rule} is left as it is: ${reason}`,
  );
  for (const text of postponed) context.emit({ type: 'note', level: 'warn', text });
  if (plan.changes.length === 0) {
    return {
      isWritten: false,
      lines: ['nothing here can be fixed mechanically', ''],
      told: { ...told, written: false },
    };
  }
  if (!context.json) {
    await context.endProgress();
    context.print(diffLines(diff, context.report.style));
  }
  if (!isAgreed && !(await agreed(plan.changes.length, context))) {
    return { isWritten: false, lines: ['nothing was written', ''], told: { ...told, written: false } };
  }
  await desk.write(plan.changes, examination);
  const lines = [
    `fixed ${plan.fixed.length} of ${examination.report.findings.length} findings in ${told.files.join(', ')}`,
    '',
  ];
  return { isWritten: true, lines, told: { ...told, written: true } };
}

async function agreed(files: number, context: CommandContext): Promise<boolean> {
  const answer = context.json
    ? undefined
    : await context.confirm(`Write ${files === 1 ? 'this change' : `these changes to ${files} files`}?`);
  if (answer !== undefined) return answer;
  throw new DevenvError('USAGE', 'Nothing was written: there is no terminal to ask on.', {
    hint: 'Add --yes to have the changes made without a question.',
  });
}

async function stdinFor(paths: readonly string[], context: CommandContext): Promise<{ stdin?: string }> {
  const times = paths.filter((path) => path === '-').length;
  if (times > 1) throw new DevenvError('USAGE', 'Standard input (-) can be read once only.');
  return times === 0 ? {} : { stdin: await context.readStdin() };
}

async function exactVersion(text: string | undefined): Promise<string | undefined> {
  if (text === undefined) return undefined;
  return (await import('../doctor/nats-versions.ts')).natsVersionOf(text);
}

/** Loaded only when there is something to compare: the catalogue is the largest part of the doctor. */
async function knownRules(asked: readonly string[]): Promise<readonly string[]> {
  if (asked.length === 0) return [];
  const { RULES } = await import('../doctor/registry.ts');
  const ids = asked.flatMap((text) => text.split(',')).map((id) => id.trim().toUpperCase());
  expectKnown(
    'USAGE',
    'rule',
    ids.filter((id) => id !== ''),
    RULES.map(({ id }) => id),
  );
  return ids.filter((id) => id !== '');
}

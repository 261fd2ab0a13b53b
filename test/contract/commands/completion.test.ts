import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../helpers/run-cli.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
const present = SHELLS.filter((shell) => spawnSync(shell, ['-c', 'exit']).status === 0);
for (const shell of SHELLS) {
  if (!present.includes(shell))
    process.stderr.write(`completion in ${shell} skipped: ${shell} is not installed\n`);
}

let folder: string;
let env: NodeJS.ProcessEnv;
const scriptOf = (shell: string) => join(folder, `completion.${shell}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devenv-completion-'));
  for (const shell of SHELLS) await writeFile(scriptOf(shell), (await runCli(['completion', shell])).stdout);
  // What the scripts ask for names: it answers with how it was asked, and with one that a careless script would run.
  await mkdir(join(folder, 'bin'));
  const answers = `#!/bin/sh\necho "$*" > "${folder}/asked"\nprintf 'api\\nworker\\n$(touch ${folder}/ran)\\n'\n`;
  await writeFile(join(folder, 'bin', 'devenv'), answers);
  await chmod(join(folder, 'bin', 'devenv'), 0o755);
  env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}`, DEVENV_COMPLETION: folder };
  const zshrc =
    'autoload -U compinit; compinit -u -D\nsource $DEVENV_COMPLETION/completion.zsh\nPROMPT="READY> "\n' +
    'report() { print -r -- "$BUFFER" > $DEVENV_COMPLETION/line }\nzle -N report; bindkey "^G" report\n';
  await writeFile(join(folder, '.zshrc'), zshrc);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The words that a Tab offers at the end of a line; bash calls the function exactly so. */
function offeredByBash(line: string): string[] {
  const program = `
    source "$DEVENV_COMPLETION/completion.bash"
    COMP_LINE="$1"; COMP_POINT=\${#COMP_LINE}
    # Splits as readline does: at blanks, and \`=\` is a word of its own.
    IFS=' ' read -ra COMP_WORDS <<< "\${1//=/ = }"
    [[ $1 == *[\\ =] ]] && [[ $1 == *\\  ]] && COMP_WORDS+=("")
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    $(complete -p devenv | sed 's/.*-F \\([^ ]*\\).*/\\1/')
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return run('bash', ['--norc', '-c', program, 'bash', line]);
}

const offeredByFish = (line: string): string[] =>
  run('fish', [
    '--no-config',
    '-c',
    'source $DEVENV_COMPLETION/completion.fish; complete -C $argv[1]',
    line,
  ]).map((found) => found.split('\t')[0]!);

function run(shell: string, args: readonly string[]): string[] {
  const output = execFileSync(shell, args, {
    env,
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return output.split('\n').filter((word) => word !== '');
}

/** The line after a Tab in an interactive zsh on a terminal of its own. */
async function completedByZsh(line: string): Promise<string> {
  await rm(join(folder, 'line'), { force: true });
  const program = `
    zmodload zsh/zpty
    zpty shell "ZDOTDIR=$DEVENV_COMPLETION zsh -i"
    zpty -r -m shell screen '*READY> *'
    zpty -w -n shell "$1"$'\\t\\x07'
    for attempt in {1..1200}; do
      [[ -s $DEVENV_COMPLETION/line ]] && break
      zpty -r -t shell screen
      sleep 0.05
    done
    zpty -d shell`;
  execFileSync('zsh', ['-f', '-c', program, 'zsh', line], { env, cwd: folder, stdio: 'ignore' });
  return (await readFile(join(folder, 'line'), 'utf8')).trimEnd();
}

const asked = async () => (await readFile(join(folder, 'asked'), 'utf8')).trim();
const VERBS = [
  'up',
  'down',
  'status',
  'env',
  'logs',
  'probe',
  'doctor',
  'explain',
  'auth',
  'topology',
  'restart',
  'generate',
  'init',
  'completion',
  'help',
];

describe.each([
  ['bash', offeredByBash],
  ['fish', offeredByFish],
] as const)('%s', (shell, offered) => {
  describe.skipIf(!present.includes(shell))('offers', () => {
    it('verbs', () => {
      expect(offered('devenv ').sort()).toEqual([...VERBS].sort());
      expect(offered('devenv re')).toEqual(['restart']);
      expect(offered('devenv --name ci re')).toEqual(['restart']);
    });

    it('options of the verb and global ones', () => {
      expect(offered('devenv up --st')).toEqual(['--strict-ports']);
      expect(offered('devenv up --na')).toEqual(['--name']);
      expect(offered('devenv down --st')).toEqual([]);
    });

    it('values of options', () => {
      expect(offered('devenv up --runtime ')).toEqual(['auto', 'docker', 'process']);
      expect(offered('devenv env --format j')).toEqual(['json']);
      expect(offered('devenv completion z')).toEqual(['zsh']);
    });

    it('services and probes of the project that the line is about, as text', async () => {
      expect(offered('devenv -C /srv/x logs w')).toEqual(['worker']);
      expect(await asked()).toBe('--no-color -C /srv/x completion --list services');
      expect(offered('devenv probe ')).toContain('api');
      expect(await asked()).toBe('--no-color completion --list probes');
      await expect(readFile(join(folder, 'ran'))).rejects.toThrow('ENOENT');
    });
  });
});

describe.skipIf(!present.includes('bash'))('bash also', () => {
  it('completes after `=`', async () => {
    expect(offeredByBash('devenv up --runtime=')).toEqual(['auto', 'docker', 'process']);
    expect(offeredByBash('devenv up --runtime=pro')).toEqual(['process']);
    expect(offeredByBash('devenv --name=ci logs w')).toEqual(['worker']);
    expect(await asked()).toBe('--no-color --name ci completion --list services');
  });

  it('completes folders', async () => {
    await mkdir(join(folder, 'a folder'));
    expect(offeredByBash('devenv generate --out a')).toEqual(['a folder']);
  });
});

describe.skipIf(!present.includes('zsh'))('zsh', () => {
  it.each([
    ['devenv stat', 'devenv status'],
    ['devenv --name ci stat', 'devenv --name ci status'],
    ['devenv up --str', 'devenv up --strict-ports'],
    ['devenv up --runtime pro', 'devenv up --runtime process'],
    ['devenv restart nats wor', 'devenv restart nats worker'],
  ])('completes `%s`', async (line, completed) => {
    expect(await completedByZsh(line)).toBe(completed);
  });

  it('asks the project that the line is about', async () => {
    expect(await completedByZsh('devenv -C /srv/x logs wor')).toBe('devenv -C /srv/x logs worker');
    expect(await asked()).toBe('--no-color -C /srv/x completion --list services');
  });
});

import { DevenvError, EXIT } from '../errors.ts';
import { serviceNames } from '../topology/deployment.ts';
import { bashCompletion } from '../ui/completion-bash.ts';
import { fishCompletion } from '../ui/completion-fish.ts';
import { zshCompletion } from '../ui/completion-zsh.ts';
import { defineCommand, expectKnown, listed, oneOf } from './command.ts';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
const SHELLS = Object.keys(SCRIPTS);

export const completion = defineCommand({
  name: 'completion',
  summary: 'print a completion script for bash, zsh or fish',
  description:
    'Completes verbs, options and their values, and the names of services and probes of the project at hand. The ' +
    'script completes the command `devenv`, so devenv has to be on the PATH.',
  arguments: [
    {
      name: 'shell',
      description: 'bash, zsh or fish',
      completion: { kind: 'one-of', values: SHELLS },
    },
  ],
  options: {
    // Asked by the scripts themselves.
    list: { ...oneOf('--list <what>', 'print names', ['services', 'probes'], undefined), hidden: true },
  },
  examples: [
    { command: 'source <(devenv completion bash)', meaning: 'in ~/.bashrc' },
    { command: 'source <(devenv completion zsh)', meaning: 'in ~/.zshrc, after compinit' },
    { command: 'devenv completion fish > ~/.config/fish/completions/devenv.fish', meaning: 'once' },
  ],
  async run(context, { args: [shell], options }) {
    if (options.list !== undefined) {
      const { engine } = await context.open();
      const names =
        options.list === 'services' ? serviceNames(engine.topology) : engine.probes.map(({ name }) => name);
      context.write(names.map((name) => `${name}\n`).join(''));
      return EXIT.ok;
    }
    if (shell === undefined) {
      throw new DevenvError('USAGE', `completion needs to know the shell: ${listed(SHELLS)} are known.`, {
        hint: 'For example: source <(devenv completion bash)',
      });
    }
    expectKnown('USAGE', 'completion for the shell', [shell], SHELLS);
    context.write(SCRIPTS[shell as keyof typeof SCRIPTS](context.grammar));
    return EXIT.ok;
  },
});

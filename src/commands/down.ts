import { EXIT } from '../errors.ts';
import { downLines } from '../ui/down-report.ts';
import { defineCommand, flag } from './command.ts';

export const down = defineCommand({
  name: 'down',
  summary: 'stop the environment; its data is kept',
  description:
    'Stops and removes everything of the environment, whatever an interrupted `up` left of it. The data of NATS and ' +
    'Postgres is kept unless --volumes is given. When nothing runs it says so and succeeds. A devenv.yaml that broke or ' +
    'went away since the last `up` does not stop it.',
  arguments: [],
  options: { volumes: flag('--volumes', 'remove the data of NATS and Postgres as well') },
  examples: [
    { command: 'devenv down', meaning: 'stop; the next `devenv up` finds its data again' },
    { command: 'devenv down --volumes', meaning: 'stop and forget everything' },
    { command: 'devenv down --name second', meaning: 'another environment of this project' },
  ],
  async run(context, { options }) {
    const { engine } = await context.open({ orRecalled: 'environment' });
    const result = await engine.down(options, { emit: context.emit, signal: context.signal });
    await context.result(result, (report) => downLines(result, options, report));
    return EXIT.ok;
  },
});

import { object } from '../../live/readings.ts';
import { defineRule } from '../../rule.ts';

/** E20: a rendered file that somebody edited holds until the next `up`, and nobody remembers why the server does what it does. */
export const e20ConfNotAsDeclared = defineRule({
  id: 'E20',
  title: 'a nats.conf that is not as declared',
  severity: 'warning',
  meaning: 'The nats.conf that devenv wrote for a running server is not what devenv.yaml says.',
  cause:
    'It was edited by hand, or devenv.yaml was changed and `devenv up` has not run since. A server works by the file from the next time on ' +
    'that it reads it, which may be a crash away.',
  fix:
    'Run `devenv up`: it writes the file anew and lets the server read it. What was tried out in the file belongs into devenv.yaml: ' +
    '`nats`, `nats.limits`, `accounts`.',
  symptoms: ['its nats.conf was edited by hand'],
  *live({ confs }) {
    if (confs?.ok !== true) return;
    for (const { server, path, differs } of confs.value) {
      if (differs?.length === 0) continue;
      yield {
        place: object(`server ${server}`),
        cause:
          differs === null
            ? `The file ${path}, which ${server} was started with, is gone.`
            : `${path} is not as declared: ${differs.join(', ')}.`,
        fix: `Run \`devenv up\`: it writes the file anew and lets ${server} read it.`,
      };
    }
  },
});

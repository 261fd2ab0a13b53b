import { composeServices } from '../../compose/services.ts';
import { defineRule } from '../../rule.ts';

/** E18: a check that is green whatever happens is worse than none. */
export const e18HealthCheckCannotFail = defineRule({
  id: 'E18',
  title: 'health check that can never fail',
  severity: 'warning',
  meaning: 'The health check succeeds whether the service is well or not.',
  cause:
    'grep healthy also finds the word in "unhealthy", and a command that ends in `|| true` or `|| exit 0` always succeeds. Docker then reports healthy for a server that answers nobody.',
  fix: 'Let the exit status of the question count: wget -q -O- http://127.0.0.1:8222/healthz fails when the answer is not 200. For words, grep -w.',
  symptoms: ['Up (healthy), although nothing answers'],
  *static(facts) {
    for (const { healthcheck, yaml, name } of composeServices(facts)) {
      if (healthcheck === undefined) continue;
      const { text, path } = healthcheck;
      const end = /\|\|\s*(true|:|exit 0)\s*;?\s*$/.exec(text)?.[0];
      const greps = /\bgrep\s+((?:-\S+\s+)*)["']?healthy\b/.exec(text);
      if (end !== undefined)
        yield {
          place: yaml.place(path),
          cause: `The health check of service ${name} ends in ${end.trim()}, so it always succeeds.`,
          fix: 'End it in || exit 1, or leave the end out.',
        };
      else if (greps !== null && !/w|x/.test(greps[1] ?? ''))
        yield {
          place: yaml.place(path),
          cause: `The health check of service ${name} looks for "healthy", which is also in "unhealthy".`,
          fix: 'Let the exit status of the question count, or look for the whole word with grep -w.',
        };
    }
  },
});

import { DevenvError, EXIT } from '../errors.ts';
import { explanationLines } from '../ui/explain-report.ts';
import { defineCommand } from './command.ts';

export const explain = defineCommand({
  name: 'explain',
  summary: 'say what an error means: a rule id, an error code or a line of a log',
  description:
    'Takes the id of a rule (R01), an error code of the JetStream API (10047), or an error line as a server, a client or ' +
    'devenv printed it, and tells cause and fix. Without an argument, or with -, the line is read from standard input. ' +
    'Timestamps, colours and quotes around it do no harm. It needs no project.',
  arguments: [
    {
      name: 'what',
      description: 'an id, a code or a line; several words are one line',
      variadic: true,
      completion: { kind: 'free' },
    },
  ],
  options: {},
  examples: [
    { command: 'devenv explain 10047', meaning: 'an error code of JetStream' },
    { command: 'devenv explain R01', meaning: 'a rule of the doctor' },
    { command: "devenv explain 'jetstream is not enabled'", meaning: 'what a client said' },
    { command: 'docker logs nats 2>&1 | tail -1 | devenv explain', meaning: 'the last line of a log' },
  ],
  async run(context, { args }) {
    const isPiped = args.length === 0 || (args.length === 1 && args[0] === '-');
    const asked = isPiped ? await context.readStdin() : args.join(' ');
    if (asked.trim() === '') {
      throw new DevenvError('USAGE', 'There is nothing to explain.', {
        hint: 'For example: devenv explain 10047',
      });
    }
    // Loaded here, so that help and completion do not carry the catalogue.
    const { explain: explanationOf, explainable } = await import('../doctor/explain.ts');
    const explanation = explanationOf(asked);
    if (explanation === undefined) {
      const { rules, symptoms, codes } = explainable();
      const { pastedLine } = await import('../doctor/pasted-line.ts');
      throw new DevenvError(
        'USAGE',
        `Nothing is known about ${JSON.stringify(shortened(pastedLine(asked).text))}.`,
        {
          details: [
            `searched: ${rules} rules with ${symptoms} error texts, and ${codes} error codes of JetStream`,
          ],
          hint: 'Paste the line that has the error itself; `devenv doctor` looks for causes without one.',
        },
      );
    }
    await context.result(explanation, (report) => explanationLines(explanation, report));
    return EXIT.ok;
  },
});

const shortened = (text: string): string => (text.length <= 120 ? text : `${text.slice(0, 119)}…`);

import {
  ENVIRONMENT_VARIABLES,
  type EnvironmentVariable,
  PROCESS_VARIABLES,
} from './environment-variables.ts';
import { jsonSchema } from './json-schema.ts';
import { type Path, valueAt } from './problems.ts';

const WIDTH = 100;

/** The text of `.env.example`. Every line is commented out: a copy of it changes nothing until a line is uncommented. */
export function envExample(): string {
  const schema = jsonSchema();
  return [
    ...comment(
      'Copy this file to .env and uncomment what you want to change. Variables of the process go before this file, this file goes before devenv.yaml, and command line options go before all.',
    ),
    '',
    ...ENVIRONMENT_VARIABLES.flatMap((variable) => [
      ...comment(variable.description),
      `# ${variable.name}=${exampleOf(variable, schema)}`,
      '',
    ]),
    ...comment('Read from the environment of the process only, not from .env:'),
    '',
    ...PROCESS_VARIABLES.flatMap(({ name, description, example }) => [
      ...comment(description),
      `# ${name}=${example}`,
      '',
    ]),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function exampleOf({ path, example, name }: EnvironmentVariable, schema: unknown): string {
  const value = path === null ? undefined : defaultAt(schema, path);
  const text = value ?? example;
  if (text === undefined) throw new Error(`${name} has neither a default nor an example`);
  return String(text);
}

const defaultAt = (schema: unknown, path: Path): unknown =>
  valueAt(schema, [...path.flatMap((key) => ['properties', key]), 'default']);

function comment(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length + 1 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((line) => `# ${line}`);
}

import { DevenvError } from '../errors.ts';

/**
 * Variables as the text of an env file that both Docker Compose and shells read to the same values. Values stand in
 * single quotes, where Compose replaces nothing.
 *
 * Throws CONFIG_INVALID for what the format cannot carry: a name that is not an identifier, a line break, a NUL, or a value that has
 * both a single quote and a character that Compose interprets in double quotes.
 */
export function renderDotenv(variables: Readonly<Record<string, string>>, heading: string): string {
  const lines = Object.entries(variables).map(([name, value]) => `${checkName(name)}=${quote(name, value)}`);
  return `# ${heading}\n${lines.join('\n')}\n`;
}

function checkName(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  throw unfit(`"${name}" cannot be the name of an environment variable`);
}

function quote(name: string, value: string): string {
  if (/[\n\r\0]/.test(value))
    throw unfit(`the value of ${name} has a line break, which an env file cannot carry`);
  if (!value.includes("'")) return `'${value}'`;
  if (/["\\$`]/.test(value))
    throw unfit(`the value of ${name} mixes quotes in a way that an env file cannot carry`);
  return `"${value}"`;
}

const unfit = (problem: string): DevenvError =>
  new DevenvError('CONFIG_INVALID', `${problem}.`, { hint: 'Change it in devenv.yaml.' });

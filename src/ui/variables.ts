export const VARIABLE_FORMATS = ['dotenv', 'shell', 'json'] as const;
export type VariableFormat = (typeof VARIABLE_FORMATS)[number];

/**
 * Variables as text that a program reads back unchanged, whatever is in the values. `shell` is for `eval` in any POSIX
 * shell, `dotenv` for env files.
 */
export function variablesText(variables: Readonly<Record<string, string>>, format: VariableFormat): string {
  if (format === 'json') return `${JSON.stringify(variables, null, 2)}\n`;
  const line = format === 'shell' ? shellLine : dotenvLine;
  return Object.entries(variables)
    .map(([name, value]) => `${line(checkedName(name), checkedValue(name, value))}\n`)
    .join('');
}

const shellLine = (name: string, value: string): string => `export ${name}=${shellQuoted(value)}`;

/** Single quotes keep everything but themselves (POSIX 2.2.2). */
export const shellQuoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

/**
 * Readers of env files agree only on this: single quotes are literal, double quotes know `\n`. Node and the dotenv
 * package do not undo `\"` and `\\`, Compose does and expands `$`. So the harmless get double quotes, the others single
 * quotes, and only what cannot be written so gets escapes, as Compose and POSIX shells read them.
 */
function dotenvLine(name: string, value: string): string {
  if (!/["\\$`\r\n]/.test(value)) return `${name}="${value}"`;
  if (!/['\r\n]/.test(value)) return `${name}='${value}'`;
  const escaped = value
    .replace(/["\\$`]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
  return `${name}="${escaped}"`;
}

/** A name that is none would be run as a command by `eval`. The engine makes the names, so this is a bug of ours. */
function checkedName(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new Error(`${JSON.stringify(name)} is no variable name`);
  return name;
}

function checkedValue(name: string, value: string): string {
  if (value.includes('\0')) throw new Error(`the value of ${name} has a NUL character`);
  return value;
}

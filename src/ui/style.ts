import { styleText } from 'node:util';

const FORMATS = ['bold', 'dim', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan'] as const;

export type Format = (typeof FORMATS)[number];
export interface Style extends Readonly<Record<Format, (text: string) => string>> {
  readonly coloured: boolean;
}

/** Every format as a function; without colour each returns its text as it is. */
export function createStyle(colour: boolean): Style {
  const entries = FORMATS.map((format) => [
    format,
    (text: string) => (colour && text !== '' ? styleText(format, text, { validateStream: false }) : text),
  ]);
  return { ...Object.fromEntries(entries), coloured: colour } as Style;
}

/**
 * NO_COLOR (https://no-color.org) and `--no-color` win over FORCE_COLOR, FORCE_COLOR wins over what the stream is.
 * Of two contradicting wishes, the one that cannot garble a file is taken.
 */
export function wantsColour(
  env: Readonly<Record<string, string | undefined>>,
  { flag, isTTY }: { flag: boolean; isTTY: boolean },
): boolean {
  if (!flag || (env.NO_COLOR ?? '') !== '') return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return isTTY && env.TERM !== 'dumb';
}

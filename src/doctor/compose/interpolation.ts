/**
 * `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:+other}` and `$$` as Docker Compose replaces them.
 * A variable that nobody knows here stays as it is written: its value may come from a file that was not read.
 * https://docs.docker.com/reference/compose-file/interpolation/
 */
export function interpolated(text: string, env: Readonly<Record<string, string | undefined>>): string {
  if (!text.includes('$')) return text;
  return text.replace(
    VARIABLE,
    (whole, braced: string | undefined, operator: string | undefined, word: string | undefined, bare) => {
      if (whole === '$$') return '$';
      const value = env[braced ?? bare];
      const isSet = operator?.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
      if (operator?.endsWith('+')) return isSet ? (word ?? '') : '';
      if (isSet) return value!;
      return operator?.endsWith('-') ? (word ?? '') : whole;
    },
  );
}

const VARIABLE = /\$(?:\$|\{([A-Za-z_]\w*)(?:(:?[-+?])([^}]*))?\}|([A-Za-z_]\w*))/g;

/** A text in pieces, those that variables made and those between: what each became, and where it began in the text. */
export function interpolatedPieces(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly { from: number; text: string; variable?: string }[] {
  const pieces: { from: number; text: string; variable?: string }[] = [];
  let at = 0;
  for (const { 0: variable, index } of text.matchAll(VARIABLE)) {
    pieces.push({ from: at, text: text.slice(at, index) });
    pieces.push({ from: index, text: interpolated(variable, env), variable });
    at = index + variable.length;
  }
  pieces.push({ from: at, text: text.slice(at) });
  return pieces.filter((piece) => piece.text !== '');
}

/** Puts values in place of the variables of a text. */
export type Replace = (text: string) => string;

/**
 * `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:+other}` and `$$` as Docker Compose replaces them.
 * A variable that nobody knows here stays as it is written: its value may come from a file that was not read.
 * https://docs.docker.com/reference/compose-file/interpolation/
 */
export function interpolated(text: string, env: Readonly<Record<string, string | undefined>>): string {
  if (!text.includes('$')) return text;
  return text.replace(
    /\$(?:\$|\{([A-Za-z_]\w*)(?:(:?[-+?])([^}]*))?\}|([A-Za-z_]\w*))/g,
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

/** Puts values in place of the variables of a text. */
export type Replace = (text: string) => string;

/** What Go calls space: wider than JavaScript's `\s` by U+0085, narrower by the byte order mark. */
export const isSpace = (character: string): boolean =>
  character === ' ' ||
  character === '\n' ||
  character === '\t' ||
  character === '\r' ||
  // Letters are what most texts are made of.
  ((character < '!' || character > '~') && /[\s\u0085]/u.test(character) && character !== '\ufeff');

/** A digit of any script, as Go's `unicode.IsDigit`; those other than 0-9 fail later, as integers. */
export const isDigit = (character: string): boolean =>
  (character >= '0' && character <= '9') || (character > '~' && /^\p{Nd}$/u.test(character));

/** Space within a line. */
export const isBlank = (character: string): boolean => character === ' ' || character === '\t';

export const isLineEnd = (character: string): boolean => character === '\n' || character === '\r';

export const isSeparator = (character: string): boolean => character === '=' || character === ':';

/** `k` of `10k`. */
export const isSizeSuffix = (character: string): boolean => /^[kmgtpe]$/i.test(character);

/** A character as it stands in an error message. */
export const shown = (character: string): string => (character === '\n' ? '\\n' : character);

const ESC = '\u001b';
/** ECMA-48: a control string (OSC, DCS, SOS, PM, APC) up to its end, a CSI sequence, any other escape sequence. */
const SEQUENCE = new RegExp(
  [
    `(?:${ESC}[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u009c]*(?:\\u0007|${ESC}\\\\|\\u009c)?`,
    `(?:${ESC}\\[|\\u009b)[0-?]*[ -/]*[@-~]?`,
    `${ESC}[ -/]*[0-~]?`,
  ].join('|'),
  'g',
);
const CONTROL = /[^\P{Cc}\t\n]/gu;
const COLOUR = new RegExp(`(${ESC}\\[[0-9;]*m)`);
const CLOSING = new RegExp(`${ESC}\\[(?:0|22|39|49)?m$`);

/**
 * Text that comes from outside (log lines, configuration values, answers of servers) without what could move the
 * cursor, retitle the window or hide other lines. Tabs and line ends stay; colours stay when `colour` is set.
 */
export function printable(text: string, { colour = false } = {}): string {
  if (!colour) return clean(text);
  const parts = text.split(COLOUR);
  if (parts.length === 1) return clean(text);
  const safe = parts.map((part, index) => (index % 2 === 1 ? part : clean(part))).join('');
  // A service that dies in the middle of a red line must not paint the lines after it.
  return CLOSING.test(parts.at(-2)!) ? safe : `${safe}${ESC}[0m`;
}

/** Of all characters that control terminals, only these two are wanted: tab and line feed. */
const clean = (text: string): string => text.replace(SEQUENCE, '').replace(CONTROL, '');

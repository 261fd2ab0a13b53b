/** What somebody pasted, and what is left of it without the wrapping that loggers and shells put around. */
export interface PastedLine {
  /** One line, as a person would quote it. */
  text: string;
  /** Names and numbers that stand in it, in their order: `"max_memory"`, `nats.conf:26:4`, `$JS.API.INFO`. */
  names: readonly string[];
  /** Numbers of the JetStream API's size. */
  codes: readonly number[];
}

/** What is longer than this is a file, not a line. */
const MOST_CHARACTERS = 8_000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of terminals are what is taken off
const COLOURS = /\u001b\[[0-9;]*[A-Za-z]|\[(?:\d{1,3};)*\d{1,3}m/g;

/** In the order in which they stand at the start of a line; taken off again and again, for tools wrap tools. */
const WRAPPINGS: readonly RegExp[] = [
  // docker compose logs: `nats-1  | …`
  /^[\w.-]+\s+\|\s/,
  /^\[\d+\]\s+/,
  /^\+\d+(?:\.\d+)?m?s\s+/,
  /^\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|\s?[+-]\d{2}:?\d{2})?\s*/,
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s.{8,30}?\d{2}:\d{2}:\d{2}\s+/,
  /^\d{2}:\d{2}:\d{2}(?:[.,]\d+)?\s+/,
  /^\[(?:TRC|DBG|INF|WRN|ERR|FTL|info|warn|error|debug|fatal)\]\s*/i,
  /^(?:INFO|WARN(?:ING)?|ERROR|FATAL|DEBUG)(?::|\s)\s*/,
  /^(?:nats-server|nats|devenv|error|hint|caused by|Uncaught|panic):\s+/i,
];

/** Never throws; an empty text gives an empty line. */
export function pastedLine(pasted: string): PastedLine {
  let text = oneLine(pasted.slice(0, MOST_CHARACTERS).replaceAll(COLOURS, ''));
  text = unwrapped(fromJson(text) ?? text);
  return { text, names: namesIn(text), codes: codesIn(text) };
}

const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();

function unwrapped(text: string): string {
  let current = text;
  for (let round = 0; round < 12; round += 1) {
    let next = withoutQuotes(current.trim());
    for (const wrapping of WRAPPINGS) next = next.replace(wrapping, '');
    if (next === current) break;
    current = next;
  }
  return current.trim();
}

/** Quotes around the whole line, not those of a name in it. */
function withoutQuotes(text: string): string {
  const match = /^(["'`])(.+)\1,?;?$/.exec(text);
  if (match === null || match[2] === undefined) return text;
  return match[2].includes(match[1]!) ? text : match[2];
}

/** A line of a structured log: what it says, not how it is packed. */
function fromJson(text: string): string | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const parsed = JSON.parse(text) as Record<string, unknown>;
    const nested = (parsed.err ?? parsed.error) as
      | { message?: unknown; description?: unknown }
      | string
      | undefined;
    const error =
      typeof nested === 'object' && nested !== null ? (nested.message ?? nested.description) : nested;
    const code = (nested as { err_code?: unknown } | undefined)?.err_code ?? parsed.err_code;
    const parts = [parsed.msg, parsed.message, parsed.description, error, code].filter(
      (part) => typeof part === 'string' || typeof part === 'number',
    );
    return parts.length === 0 ? undefined : [...new Set(parts)].join(': ');
  } catch {
    return undefined;
  }
}

const NAMES =
  /"[^"]{1,120}"|'[^']{1,120}'|[\w./\\-]+\.(?:conf|ya?ml|json):\d+(?::\d+)?|\$JS\.[\w.$*>-]+|\$SYS\.[\w.$*>-]+|_INBOX\.[\w.$*>-]+/g;

const namesIn = (text: string): string[] => [...new Set(text.match(NAMES) ?? [])].slice(0, 8);

const codesIn = (text: string): number[] => [
  ...new Set((text.match(/(?<![\d.:/])10[0-2]\d{2}(?![\d.])/g) ?? []).map(Number)),
];

import type { ConfValue } from './document.ts';
import { goDuration } from './go-durations.ts';
import { goQuoted } from './go-values.ts';
import { conversion, type Shape, text } from './shapes.ts';

/** Refused with the error of `time.ParseDuration`; null when the text is a duration. */
export function durationProblem(value: string): string | null {
  const duration = goDuration(value);
  return 'error' in duration ? duration.error : null;
}

const DURATION = 'a duration in quotes, as "30s"';

/** A duration, or a bare number of seconds as old versions had it, of which `-t` complains. `name`: as messages call it. */
export function duration(name?: string): Shape {
  return {
    text: DURATION,
    check(site) {
      const field = name ?? site.key.toLowerCase();
      const { value } = site;
      if (value.kind === 'string') {
        const problem = durationProblem(value.value);
        if (problem !== null)
          site.report({ code: 'duration', message: `error parsing ${field}: ${problem}`, wanted: DURATION });
      } else if (value.kind === 'integer') {
        const message = `invalid use of field ${goQuoted(field)}: ${field} should be converted to a duration`;
        site.report({ code: 'deprecated', severity: 'warning', message, wanted: DURATION });
      } else conversion(site, 'int64', DURATION);
    },
  };
}

/** A duration and nothing else. */
export const plainDuration = (prefix: (key: string) => string = () => ''): Shape =>
  text((site, value) => {
    const problem = durationProblem(value);
    if (problem !== null)
      site.report({ code: 'duration', message: `${prefix(site.key)}${problem}`, wanted: DURATION });
  }, DURATION);

interface SecondsOptions {
  /** Texts are read as durations, other types than numbers refused. */
  checked(version: string): boolean;
  /** `-t` complains above a minute. */
  warns?: boolean;
}

/** Seconds as a number, or a duration as a text. `message` puts the problem into the server's words. */
export function seconds(
  message: (problem: string) => string,
  { checked, warns = false }: SecondsOptions,
): Shape {
  const words = 'a number of seconds, or a duration in quotes as "2s"';
  return {
    text: words,
    check(site) {
      const { value } = site;
      if (!checked(site.version)) return;
      const number = secondsOf(value);
      if (typeof number === 'string')
        site.report({ code: 'duration', message: message(number), wanted: words });
      else if (number === null) site.report({ code: 'type', message: message('wrong type'), wanted: words });
      else if (warns && number > 60)
        site.report({
          code: 'deprecated',
          severity: 'warning',
          message: `invalid use of field ${goQuoted(site.key)}: timeout of ${shownSeconds(value)} (${number.toFixed(6)} seconds) is high, consider keeping it under 60 seconds. possibly caused by unquoted duration; use '1m' instead of 1m, for example`,
          wanted: words,
        });
    },
  };
}

const shownSeconds = (value: ConfValue): string =>
  value.kind === 'string' || value.kind === 'integer' || value.kind === 'float'
    ? String(value.value)
    : value.raw;

/** Seconds, or what is wrong with a text, or null for another type. */
function secondsOf(value: ConfValue): number | string | null {
  if (value.kind === 'integer' || value.kind === 'float') return Number(value.value);
  if (value.kind !== 'string') return null;
  const read = goDuration(value.value);
  return 'error' in read ? read.error : Number(read.nanoseconds) / 1e9;
}

import type { ConfEntry, ConfValue } from './document.ts';
import type { FaultCode, Site } from './fault.ts';
import { addressProblem } from './go-addresses.ts';
import { goInteger, goQuoted, goType } from './go-values.ts';

/** What a field takes. */
export interface Shape {
  /** In words: `a number of bytes, as 64MB`. */
  text: string;
  check(site: Site): void;
}

/** The server's own words when it meets a type that it does not handle there. */
export function conversion(site: Site, wanted: string, text: string): void {
  const message = `interface conversion: interface {} is ${goType(site.value)}, not ${wanted}`;
  site.report({ code: 'type', message, wanted: text });
}

export function text(check?: (site: Site, value: string) => void, words = 'a text'): Shape {
  return {
    text: words,
    check(site) {
      if (site.value.kind !== 'string') conversion(site, 'string', words);
      else check?.(site, site.value.value);
    },
  };
}

export const boolean: Shape = {
  text: 'true or false',
  check(site) {
    if (site.value.kind !== 'boolean') conversion(site, 'bool', this.text);
  },
};

export function integer(check?: (site: Site, value: bigint) => void, words = 'a whole number'): Shape {
  return {
    text: words,
    check(site) {
      if (site.value.kind !== 'integer') conversion(site, 'int64', words);
      else check?.(site, site.value.value);
    },
  };
}

/** A type that the server tests before it uses it, with a message of its own. */
export function only(
  kinds: readonly ConfValue['kind'][],
  message: (site: Site) => string,
  words: string,
  check?: (site: Site) => void,
): Shape {
  return {
    text: words,
    check(site) {
      if (!kinds.includes(site.value.kind))
        site.report({ code: 'type', message: message(site), wanted: words });
      else check?.(site);
    },
  };
}

const INT32 = 2n ** 31n - 1n;

export const int32 = integer((site, value) => {
  if (value > INT32) site.report({ code: 'range', message: `${site.key} value is too big` });
}, 'a number of bytes up to 2 GiB, as 8MB without quotes');

const ADDRESS = 'a port, or host:port';

export const listen: Shape = {
  text: ADDRESS,
  check(site) {
    const { value } = site;
    if (value.kind === 'integer') return;
    const problem =
      value.kind === 'string'
        ? addressProblem(value.value)
        : `expected port or host:port, got ${goType(value)}`;
    if (problem !== null)
      site.report({ code: value.kind === 'string' ? 'address' : 'type', message: problem, wanted: ADDRESS });
  },
};

/** What is wrong with a text as a size: `"1G"` is read, `"1GB"` and `"1024"` are not. */
export function sizeProblem(value: string): string | null {
  if (value === '') return null;
  const number = value.slice(0, -1);
  const quoted = goQuoted(number);
  if (goInteger(number) === null)
    return /^[+-]?[0-9]+$/.test(number)
      ? `strconv.ParseInt: parsing ${quoted}: value out of range`
      : `strconv.ParseInt: parsing ${quoted}: invalid syntax`;
  return /[KMGT]$/.test(value) ? null : 'sizes defined as strings must end in K, M, G, T';
}

const SIZE = 'a number of bytes, or a size without quotes as 4GiB';

/** A size in the server's `jetstream` block. `name`: as messages call the field. */
export function size(name?: string): Shape {
  return {
    text: SIZE,
    check(site) {
      const { value } = site;
      if (value.kind === 'integer') return;
      const problem = value.kind === 'string' ? sizeProblem(value.value) : 'must be int64 or string';
      if (problem === null) return;
      const code: FaultCode = value.kind === 'string' ? 'size' : 'type';
      site.report({ code, message: `${name ?? site.key.toLowerCase()} ${problem}`, wanted: SIZE });
    },
  };
}

/** One of a few words, whatever their case. */
export function choice(
  words: readonly string[],
  message: (value: string) => string,
  { exact = false } = {},
): Shape {
  const shown = words.filter((word) => word !== '').join(', ');
  return text((site, value) => {
    if (!words.includes(exact ? value : value.toLowerCase()))
      site.report({ code: 'choice', message: message(value), wanted: shown });
  }, `one of ${shown}`);
}

/** A text or a list of texts. */
export function texts(name: string): Shape {
  const words = 'a text or a list of texts';
  return {
    text: words,
    check(site) {
      const { value } = site;
      if (value.kind === 'string') return;
      if (value.kind !== 'list') {
        site.report({
          code: 'type',
          message: `error parsing ${name}: unsupported type ${goType(value)}`,
          wanted: words,
        });
        return;
      }
      for (const [index, item] of value.items.entries())
        if (item.kind !== 'string')
          site.item(item, index).report({
            code: 'type',
            message: `error parsing ${name}: unsupported type in array ${goType(item)}`,
            wanted: words,
          });
    },
  };
}

/** A list, each item of the same shape. Without `message`, another type than a list is refused by conversion. */
export function list(item: Shape, message?: (site: Site) => string): Shape {
  const words = `a list, each item ${item.text}`;
  return {
    text: words,
    check(site) {
      if (site.value.kind !== 'list') {
        if (message === undefined) conversion(site, '[]interface {}', words);
        else site.report({ code: 'type', message: message(site), wanted: words });
        return;
      }
      for (const [index, value] of site.value.items.entries()) item.check(site.item(value, index));
    },
  };
}

/** A shape that depends on the version of the server. */
export const byVersion = (choose: (version: string) => Shape, words: string): Shape => ({
  text: words,
  check: (site) => choose(site.version).check(site),
});

/** The first that fits by type; a type that none of them takes is what the last says. */
export function either(
  kinds: Partial<Record<ConfValue['kind'], Shape>>,
  otherwise: Shape,
  words: string,
): Shape {
  return {
    text: words,
    check: (site) => (kinds[site.value.kind] ?? otherwise).check(site),
  };
}

export const anything: Shape = { text: 'anything', check: () => {} };

/** The last entry of a map by that name, in any case. */
export const entryOf = (value: ConfValue, ...names: string[]): ConfEntry | undefined =>
  value.kind === 'map' ? value.entries.findLast(({ key }) => names.includes(key.toLowerCase())) : undefined;

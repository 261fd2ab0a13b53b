import type { Report } from '../../finding.ts';
import { placeOf } from '../../nats-conf/conf-values.ts';
import { defineRule } from '../../rule.ts';
import { brokenSizeAt } from './refusal-kind.ts';
import { lineAt, type Refusal, refusals, refused, replaced } from './refusals.ts';

const UNITS = ['', 'K', 'M', 'G', 'T', 'P'];

/** C03: a size in a form that the server does not read. */
export const c03QuotedSize = defineRule({
  id: 'C03',
  title: 'size that nats-server cannot read',
  severity: 'error',
  meaning:
    'A size is written in a form that nats-server does not read: in quotes with a unit such as GB, in quotes without a unit, or with a fraction.',
  cause:
    'Without quotes a size may end in K, KB, Ki, KiB and so on up to P; in quotes it must end in K, M, G or T, nothing more and nothing less, and some fields take no text at all. A number with a point takes no unit.',
  fix: 'Write a whole number of bytes, or a size without quotes such as 4GiB.',
  symptoms: [
    'max_file_store strconv.ParseInt: parsing "1G": invalid syntax',
    'sizes defined as strings must end in K, M, G, T',
    'interface conversion: interface {} is string, not int64',
  ],
  matches: [/strconv\.ParseInt: parsing "\d+\.?\d*[A-Za-z]*"/, /sizes defined as strings/],
  *static(facts) {
    for (const refusal of refusals(facts, 'C03')) yield refusal.fault ? misread(refusal) : broken(refusal);
  },
});

function misread(refusal: Refusal): Report {
  const { fault, at } = refusal;
  const field = fault?.path.at(-1) ?? 'the size';
  const value = fault?.entry?.value;
  const written = value?.kind === 'string' ? value.value : (value?.raw ?? '');
  const bare = /^\d+([KMGTP](i?B|i)?)?$/i.test(written) ? written : undefined;
  return refused(refusal, {
    cause: `${field} is the text "${written}", which nats-server does not read as a size there.`,
    fix:
      bare === undefined
        ? `Write ${field}: 4GiB, without quotes, or a number of bytes.`
        : `Write ${field}: ${bare}, without quotes.`,
    ...(bare !== undefined && value?.variable === undefined && { edits: replaced(at, bare) }),
  });
}

/** The file cannot even be read: the number ends at its unit. */
function broken(refusal: Refusal): Report {
  const { span, document } = refusal;
  const found = brokenSizeAt(lineAt(document, span), span.column);
  const [all = 'The size', number = '', unit = '', rest = ''] = found ?? [];
  const start = span.start - (span.column - 1) + (found?.index ?? 0);
  const smaller = UNITS[UNITS.indexOf(unit.toUpperCase()) - 1];
  // Unquoted, K is 1000 and KB, Ki and KiB are 1024.
  const amount = Number(number) * (rest === '' ? 1000 : 1024);
  const whole = Number.isInteger(amount) && smaller ? `${amount}${smaller}${rest}` : undefined;
  return refused(refusal, {
    place: placeOf({ ...span, column: (found?.index ?? 0) + 1 }),
    cause: `${all} has a fraction and a unit: nats-server ends the number at "${unit}" and cannot read on.`,
    fix: whole === undefined ? 'Write a whole number of bytes, or of a smaller unit.' : `Write ${whole}.`,
    ...(whole !== undefined && {
      edits: [{ file: span.file, start, end: start + all.length, text: whole }],
    }),
  });
}

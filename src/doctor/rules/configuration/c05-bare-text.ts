import { defineRule } from '../../rule.ts';
import { refusals, refused, replaced } from './refusals.ts';

/** C05: a text without quotes that the server reads as a number or a boolean. */
export const c05BareText = defineRule({
  id: 'C05',
  title: 'text without quotes read as a number',
  severity: 'error',
  meaning:
    'A password, a name or another text stands without quotes and looks like a number, a size or a boolean, so that the server takes it for one.',
  cause:
    'A bare word in nats.conf becomes a number, a size, a boolean or a date when it looks like one: 12345, 1GB, 4k, true, off, 12.5, 2024-01-01. Where a text is expected the server then stops. Generated passwords look like that now and then.',
  fix: 'Put every text into double quotes; escape " and \\ with a backslash.',
  symptoms: [
    'interface conversion: interface {} is int64, not string',
    'interface conversion: interface {} is bool, not string',
  ],
  matches: [/interface \{\} is (int64|bool|float64|time\.Time), not string/],
  *static(facts) {
    for (const refusal of refusals(facts, 'C05')) {
      const value = refusal.fault?.entry?.value;
      const field = refusal.fault?.path.filter((step) => !/^\d+$/.test(step)).at(-1) ?? 'the value';
      const read =
        value?.kind === 'integer'
          ? 'a number'
          : value?.kind === 'boolean'
            ? 'true or false'
            : 'a number with a point';
      yield refused(refusal, {
        // A secret is not repeated: the place says which.
        cause: `${field} stands without quotes and is read as ${read}, where nats-server wants a text.`,
        fix: 'Put it into double quotes.',
        ...(value !== undefined &&
          value.variable === undefined && { edits: replaced(refusal.at, `"${value.raw}"`) }),
      });
    }
  },
});

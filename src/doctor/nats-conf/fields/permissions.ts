import { type Block, block, field } from '../blocks.ts';
import type { Site } from '../fault.ts';
import { goQuoted, goType } from '../go-values.ts';
import { permissionProblem } from '../server-subjects.ts';
import { anything, boolean, either, integer, only, type Shape } from '../shapes.ts';
import { durationProblem } from '../time-shapes.ts';
import { isAtLeast } from '../versions.ts';

const SUBJECTS = 'a subject or a list of subjects';

/** A subject or a list of them; those to subscribe to may name a queue group. */
export function subjects(queues: boolean): Shape {
  const check = (site: Site, subject: string): boolean => {
    const strict = isAtLeast(site.version, '2.12.14');
    const problem = permissionProblem(subject, { queues: queues || !strict, checksQueue: strict });
    if (problem !== null) site.report({ code: 'subject', message: problem, subject, wanted: SUBJECTS });
    return problem === null;
  };
  return {
    text: SUBJECTS,
    check(site) {
      const { value } = site;
      if (value.kind === 'string') check(site, value.value);
      else if (value.kind !== 'list')
        site.report({
          code: 'type',
          message: `Expected subject permissions to be a subject, or array of subjects, got ${goType(value)}`,
          wanted: SUBJECTS,
        });
      else
        for (const [index, item] of value.items.entries()) {
          const place = site.item(item, index);
          if (item.kind === 'string') check(place, item.value);
          else
            place.report({
              code: 'type',
              message: 'Subject in permissions array cannot be cast to string',
              wanted: 'a subject',
            });
        }
    },
  };
}

const allowAndDeny = (queues: boolean): Shape => {
  const table: Block = {
    fields: [field('allow', subjects(queues)), field('deny', subjects(queues))],
    unknown: (key) =>
      `Unknown field name ${goQuoted(key)} parsing subject permissions, only 'allow' or 'deny' are permitted`,
  };
  return either({ map: block(table) }, subjects(queues), `${SUBJECTS}, or { allow, deny }`);
};

const EXPIRES = 'a duration in quotes, as "1m"';

const responses: Block = {
  fields: [
    field('max max_msgs max_messages max_responses', integer()),
    field(
      'expires expiration ttl',
      only(
        ['string'],
        () => 'error parsing expires, not a duration string',
        EXPIRES,
        (site) => {
          const problem = site.value.kind === 'string' ? durationProblem(site.value.value) : null;
          if (problem !== null)
            site.report({ code: 'duration', message: `error parsing expires: ${problem}`, wanted: EXPIRES });
        },
      ),
    ),
  ],
  unknown: (key) => `Unknown field ${goQuoted(key)} parsing permissions`,
};

const table: Block = {
  fields: [
    field('publish pub import', allowAndDeny(false)),
    field('subscribe sub export', allowAndDeny(true)),
    field(
      'allow_responses publish_allow_responses',
      either(
        {
          boolean: anything,
          map: block(responses),
        },
        only([], () => 'error parsing response permissions, expected a boolean or a map', boolean.text),
        'true or false, or { max, expires }',
      ),
    ),
  ],
  unknown: (key) => `Unknown field ${goQuoted(key)} parsing permissions`,
};

export const permissions: Shape = block(table, () => 'Expected permissions to be a map/struct');

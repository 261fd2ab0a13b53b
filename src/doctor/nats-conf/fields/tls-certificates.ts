import { type Block, block, field } from '../blocks.ts';
import type { Site } from '../fault.ts';
import { goQuoted } from '../go-values.ts';
import { entryOf, list, only, type Shape, text } from '../shapes.ts';

const pair: Block = {
  fields: [field('cert_file', text()), field('key_file', text())],
  unknown: (key) => `error parsing tls certs config, unknown field ${goQuoted(key)}`,
  exact: true,
  strict: true,
};

/** Is a path left out, or no text? */
export const isEmpty = (site: Site, name: string): boolean => {
  const value = entryOf(site.value, name)?.value;
  return value === undefined || (value.kind === 'string' && value.value === '');
};

const wrongCertificates = (type: string): string =>
  `error parsing certificates config: unsupported type ${type}`;

/** Several certificates with their keys. */
export const pairs: Shape = list(
  block(pair, wrongCertificates, (site) => {
    if (isEmpty(site, 'cert_file') || isEmpty(site, 'key_file'))
      site.report({
        code: 'missing',
        message: "error parsing certificates config: both 'cert_file' and 'cert_key' options are required",
      });
  }),
  () => wrongCertificates('map[string]interface {}'),
);

/** A text that must not be empty; of the certificate stores of Windows. */
export const storeText = (unknown = '', words?: readonly string[]): Shape => {
  const message = ({ key }: Site): string => `expected '${key.toLowerCase()}' to be a valid non-empty string`;
  return only(['string'], message, words?.join(', ') ?? 'a text', (site) => {
    const { value } = site;
    if (value.kind !== 'string') return;
    if (value.value === '') site.report({ code: 'missing', message: message(site) });
    else if (words?.includes(value.value.toLowerCase()) === false)
      site.report({ code: 'choice', message: unknown });
  });
};

import { type Block, block, field } from '../blocks.ts';
import type { Site } from '../fault.ts';
import { goDuration } from '../go-durations.ts';
import { goQuoted, goType } from '../go-values.ts';
import { anything, entryOf, list, only, type Shape, text } from '../shapes.ts';
import { seconds } from '../time-shapes.ts';
import { isAtLeast } from '../versions.ts';
import { INSECURE_SUITES, isSuite } from './cipher-suites.ts';
import { ocspPeer } from './ocsp.ts';
import { isEmpty, pairs, storeText } from './tls-certificates.ts';

const fileName: Shape = only(
  ['string'],
  ({ key }) => `error parsing tls config, expected '${key.toLowerCase()}' to be filename`,
  'the path of a PEM file',
);

const flag: Shape = only(
  ['boolean'],
  ({ key }) => `error parsing tls config, expected '${key.toLowerCase()}' to be a boolean`,
  'true or false',
);

/** A list that must not be empty, of words that the server knows. */
function preferences(check: (site: Site, name: string) => string | null, words: string): Shape {
  const items = list(
    text((site, name) => {
      const problem = check(site, name);
      if (problem !== null) site.report({ code: 'choice', message: problem, wanted: words });
    }, words),
  );
  return {
    text: items.text,
    check(site) {
      if (site.value.kind === 'list' && site.value.items.length === 0)
        site.report({
          code: 'missing',
          message: `error parsing tls config, '${site.key.toLowerCase()}' cannot be empty`,
        });
      else items.check(site);
    },
  };
}

const CURVES = ['CurveP256', 'CurveP384', 'CurveP521', 'X25519'];
/** Of Go 1.25 and 1.26, with which servers of that time are built. */
const NEW_CURVES = ['X25519MLKEM768', 'SecP256r1MLKEM768', 'SecP384r1MLKEM1024'];

const handshakeFirst: Shape = {
  text: 'true, false, "auto" or a duration in quotes',
  check(site) {
    const { key, value } = site;
    if (value.kind === 'boolean') return;
    // Before 2.10.4 only true and false were read.
    const texts = isAtLeast(site.version, '2.10.4');
    if (value.kind === 'string' && texts) {
      const known = ['true', 'on', 'false', 'off', 'auto', 'auto_fallback'].includes(
        value.value.toLowerCase(),
      );
      if (!known && 'error' in goDuration(value.value))
        site.report({
          code: 'choice',
          message: `field ${goQuoted(key)}'s value ${goQuoted(value.value)} is invalid`,
          wanted: this.text,
        });
      return;
    }
    site.report({
      code: 'type',
      message: `field ${goQuoted(key)} should be a boolean or a string, got ${goType(value)}`,
      wanted: this.text,
    });
  },
};

/** `client`: clients connect there, so that checking the URLs of routes makes no sense. */
const table = (client: boolean): Block => ({
  fields: [
    field('cert_file', fileName),
    field('key_file', fileName),
    field('ca_file', fileName),
    field('insecure', flag),
    field('verify', flag),
    field('verify_and_map', flag),
    field(
      'verify_cert_and_check_known_urls',
      only(
        ['boolean'],
        (site) => flagMessage(site),
        'true or false',
        (site) => {
          if (client && site.value.kind === 'boolean' && site.value.value)
            site.report({
              code: 'conflict',
              message: 'verify_cert_and_check_known_urls not supported in this context',
            });
        },
      ),
    ),
    field('allow_insecure_cipher_suites', flag, '2.12.0'),
    field(
      'cipher_suites',
      preferences(
        ({ version }, name) => (isSuite(name, version) ? null : `unrecognized cipher ${name}`),
        'a cipher suite by its name',
      ),
    ),
    field(
      'curve_preferences',
      preferences(
        ({ version }, name) =>
          CURVES.includes(name) || (isAtLeast(version, '2.14.0') && NEW_CURVES.includes(name))
            ? null
            : `unrecognized curve preference ${name}`,
        CURVES.join(', '),
      ),
    ),
    field(
      'timeout',
      seconds((problem) => `error parsing tls config, 'timeout' ${problem}`, { checked: () => true }),
    ),
    field(
      'connection_rate_limit',
      only(
        ['integer'],
        () => "error parsing tls config, 'connection_rate_limit' wrong type",
        'a whole number',
      ),
      '2.7.0',
    ),
    field(
      'pinned_certs',
      list(
        text((site, entry) => {
          if (!/^[A-Fa-f0-9]{64}$/.test(entry))
            site.report({
              code: 'key',
              message: `error parsing tls config, 'pinned_certs' key ${entry.toLowerCase()} does not look like hex-encoded sha256 of DER encoded SubjectPublicKeyInfo`,
            });
        }),
        () =>
          "error parsing tls config, expected 'pinned_certs' to be a list of hex-encoded sha256 of DER encoded SubjectPublicKeyInfo",
      ),
    ),
    field('cert_store', storeText('cert store type not implemented', []), '2.9.20'),
    field(
      'cert_match_by',
      storeText('cert match by type not implemented', ['issuer', 'subject', 'thumbprint']),
      '2.9.20',
    ),
    field('cert_match', storeText(), '2.9.20'),
    field('ca_certs_match', anything, '2.10.23'),
    field(
      'cert_match_skip_invalid',
      only(['boolean'], () => "expected 'cert_match_skip_invalid' to be a boolean", 'true or false'),
      '2.10.23',
    ),
    field('handshake_first first immediate', handshakeFirst, '2.10.0'),
    field('ocsp_peer', ocspPeer, '2.9.21'),
    field('certs certificates', pairs, '2.10.8'),
    field('min_version', minimalVersion, '2.10.21'),
  ],
  unknown: (key) => `error parsing tls config, unknown field ${goQuoted(key)}`,
  strict: true,
});

const flagMessage = ({ key }: Site): string =>
  `error parsing tls config, expected '${key.toLowerCase()}' to be a boolean`;

const minimalVersion: Shape = {
  text: '"1.2" or "1.3"',
  check(site) {
    const { value } = site;
    const report = (problem: string): void =>
      site.report({
        code: value.kind === 'string' ? 'choice' : 'type',
        message: `error parsing tls config: ${problem}`,
        wanted: this.text,
      });
    if (value.kind !== 'string') report(`'min_version' wrong type: ${value.raw}`);
    else if (['1.0', '1.1'].includes(value.value)) report(`unsupported TLS version: TLS ${value.value}`);
    else if (!['1.2', '1.3'].includes(value.value)) report(`unknown version: ${value.value}`);
  },
};

/** What only the whole block shows. That the files exist is for whoever can look. */
function checkWhole(site: Site): void {
  const said = (name: string): boolean => !isEmpty(site, name);
  const conflict = (message: string): void => site.report({ code: 'conflict', message });
  const certs = entryOf(site.value, 'certs', 'certificates')?.value;
  if (said('cert_file') && !said('key_file'))
    site.report({ code: 'missing', message: "missing 'key_file' in TLS configuration" });
  if (said('key_file') && !said('cert_file'))
    site.report({ code: 'missing', message: "missing 'cert_file' in TLS configuration" });
  if (
    said('cert_file') &&
    certs?.kind === 'list' &&
    certs.items.length > 0 &&
    isAtLeast(site.version, '2.10.8')
  )
    conflict("error parsing tls config, cannot combine 'cert_file' option with 'certs' option");
  const allowed = entryOf(site.value, 'allow_insecure_cipher_suites')?.value;
  const suites = entryOf(site.value, 'cipher_suites')?.value;
  if (suites?.kind !== 'list' || !isAtLeast(site.version, '2.12.0')) return;
  const insecure = suites.items.flatMap((item) =>
    item.kind === 'string' && INSECURE_SUITES.includes(item.value) ? [item.value] : [],
  );
  if (insecure.length > 0 && !(allowed?.kind === 'boolean' && allowed.value))
    conflict(
      `insecure cipher suites configured without 'allow_insecure_cipher_suites' option set: ${insecure.join(', ')}`,
    );
}

/** Where clients connect: clients, leaf nodes, WebSocket, MQTT. */
export const clientTls: Shape = block(table(true), undefined, checkWhole);

/** Between servers: routes and gateways. */
export const serverTls: Shape = block(table(false), undefined, checkWhole);

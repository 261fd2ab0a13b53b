// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Compose and of nats.conf are what this is about
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StaticFacts } from '../../../../src/doctor/facts.ts';
import { parseConf } from '../../../../src/doctor/nats-conf/parse.ts';
import { RULES } from '../../../../src/doctor/registry.ts';
import { runStatic } from '../../../../src/doctor/run.ts';
import { yamlTexts } from '../../../../src/doctor/yaml-texts.ts';

const words = fc.constantFrom(
  ...['image', 'command', 'entrypoint', 'volumes', 'ports', 'healthcheck', 'test', 'environment', 'deploy'],
  ...[
    'replicas',
    'user',
    'tmpfs',
    'nats',
    'nats:2.10',
    'natsio/nats-surveyor',
    '-js',
    '-sd',
    '/data:/data',
    '4222:8222',
  ],
  ...[
    'CMD',
    'NATS_URL',
    'tls://nats:4222',
    'kind',
    'ScaledObject',
    'spec',
    'triggers',
    'type',
    'nats-jetstream',
  ],
  ...[
    'metadata',
    'config',
    'jetstream',
    'panels',
    'expr',
    'gnatsd_varz_x',
    'gnetId',
    '',
    '-',
    '--',
    ':',
    '${',
    '"',
    '-c',
  ],
);
const scalar = fc.oneof(words, fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(words, fc.string()), tie('tree'), { maxKeys: 6 }),
  ),
}));

const facts = (parts: Partial<StaticFacts>): StaticFacts => ({
  project: null,
  confs: [],
  composes: [],
  manifests: [],
  natsVersion: '2.15.1',
  env: {},
  ...parts,
});

/** A rule that throws is told as a bug of devenv. */
const bugs = (given: StaticFacts): string[] =>
  runStatic(given)
    .filter(({ cause }) => cause.startsWith('This is a bug'))
    .map(({ rule, cause }) => `${rule}: ${cause}`);

describe('no rule stumbles', () => {
  it('over Compose files and manifests of any shape', () => {
    fc.assert(
      fc.property(tree, tree, (service, manifest) => {
        const composes = yamlTexts(
          'compose.yaml',
          JSON.stringify({ services: { nats: service, api: service } }),
        );
        const manifests = yamlTexts('m.yaml', JSON.stringify(manifest));
        expect(bugs(facts({ composes, manifests }))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('over a nats.conf of any shape', () => {
    const fields = fc.constantFrom(
      ...['jetstream', 'accounts', 'authorization', 'users', 'user', 'password', 'permissions', 'subscribe'],
      ...[
        'cluster',
        'name',
        'routes',
        'listen',
        'tls',
        'verify',
        'max_payload',
        'max_file',
        'store_dir',
        'system_account',
      ],
    );
    const { value } = fc.letrec<{ value: string }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(
          '1',
          '10G',
          '"x"',
          '"${X}"',
          '$X',
          'true',
          '"1s"',
          '-1',
          '1.5',
          'a b',
          '"_INBOX.*"',
          '[]',
          '{}',
        ),
        fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
        fc
          .array(fc.tuple(fields, tie('value')), { maxLength: 5 })
          .map((entries) => `{\n${entries.map(([name, text]) => `${name}: ${text}`).join('\n')}\n}`),
      ),
    }));
    const conf = fc
      .array(fc.tuple(fields, value), { maxLength: 8 })
      .map((entries) => entries.map(([name, text]) => `${name}: ${text}`).join('\n'));
    fc.assert(
      fc.property(conf, conf, (one, other) => {
        const confs = [one, other].map((text, index) =>
          parseConf(`${index}.conf`, text, {
            env: {},
            read: () => ({ error: 'missing', reason: 'not there' }),
          }),
        );
        expect(bugs(facts({ confs }))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('and there are rules to stumble', () => {
    expect(RULES.filter((rule) => rule.static !== undefined).length).toBeGreaterThan(50);
  });
});

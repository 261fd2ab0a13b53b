import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StaticFacts } from '../../../../src/doctor/facts.ts';
import { resourcesRules } from '../../../../src/doctor/rules/resources.ts';
import { STREAM_FIELDS } from '../../../../src/doctor/rules/streams/api-fields.ts';
import { streamsRules } from '../../../../src/doctor/rules/streams.ts';
import { runStatic } from '../../../../src/doctor/run.ts';
import { yamlTexts } from '../../../../src/doctor/yaml-texts.ts';

const factsOf = (text: string): StaticFacts => ({
  project: null,
  confs: [],
  composes: [],
  manifests: yamlTexts('streams.json', text),
  natsVersion: '2.15.1',
  env: {},
});

const rules = [...resourcesRules, ...streamsRules];
const bugs = (text: string) =>
  runStatic(factsOf(text), { rules }).filter(({ cause }) => cause.includes('This is a bug in devenv'));

const word = fc.constantFrom(
  'a',
  'a.b',
  '*',
  '>',
  '',
  'a..b',
  'a b',
  '{}',
  '$JS.>',
  'limits',
  'memory',
  'interest',
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  word,
  fc.integer(),
  fc.double(),
  fc.constantFrom(null, true, false, -1, 0, 2 ** 53, 86_400_000),
  fc.array(word, { maxLength: 3 }),
  fc.dictionary(word, fc.oneof(word, fc.integer()), { maxKeys: 2 }),
  fc.constant({ tags: ['az:1', 5, null] }),
);
const keys = [
  ...Object.keys(STREAM_FIELDS),
  ...[
    'config',
    'streams',
    'stream_name',
    'durable_name',
    'ack_policy',
    'ack_wait',
    'filter_subject',
    'max_byte',
  ],
];
const stream = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 12 });

describe('a file with the configuration of streams', () => {
  it('never makes a rule throw, whatever the values are', () => {
    fc.assert(
      fc.property(fc.oneof(stream, fc.array(stream, { maxLength: 3 })), (content) => {
        expect(bugs(JSON.stringify(content))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('never makes a rule throw as a resource of Kubernetes', () => {
    fc.assert(
      fc.property(fc.oneof(stream, value), fc.constantFrom('Stream', 'Consumer'), (spec, kind) => {
        expect(bugs(JSON.stringify({ apiVersion: 'jetstream.nats.io/v1beta2', kind, spec }))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('never makes a rule throw beside the values of a Helm chart', () => {
    const store = fc.dictionary(fc.constantFrom('enabled', 'maxSize', 'pvc', 'size'), value, { maxKeys: 4 });
    fc.assert(
      fc.property(store, store, value, stream, (fileStore, memoryStore, replicas, config) => {
        const values = {
          config: {
            cluster: { enabled: true, replicas },
            jetstream: { enabled: true, fileStore, memoryStore },
          },
          streams: [{ name: 'S', subjects: ['s'], storage: 'memory' }, config],
        };
        expect(bugs(JSON.stringify(values))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['', '{', '[[[[', 'null', '5', '"text"', '{"streams": {"a": 1}}', '{"config": {"jetstream": 1}}'])(
    'that is no such thing (%j) has nothing to be said about',
    (text) => {
      expect(runStatic(factsOf(text), { rules })).toEqual([]);
    },
  );

  it('with two thousand streams that share a subject does not fill memory with two million pairs', () => {
    const many = Array.from({ length: 2_000 }, (_, n) => ({
      name: `S${n}`,
      subjects: ['a.b'],
      storage: 'file',
    }));
    const findings = runStatic(factsOf(JSON.stringify(many)), { rules });
    expect(findings.length).toBeGreaterThan(100);
    expect(findings.length).toBeLessThan(1_000);
  });
});

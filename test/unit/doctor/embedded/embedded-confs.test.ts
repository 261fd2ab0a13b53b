// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Compose and of nats.conf are what this is about
import { describe, expect, it } from 'vitest';
import { composeConfs } from '../../../../src/doctor/embedded/compose-confs.ts';
import { manifestConfs } from '../../../../src/doctor/embedded/manifest-confs.ts';
import type { StaticFacts } from '../../../../src/doctor/facts.ts';
import { planFix } from '../../../../src/doctor/fix.ts';
import { runStatic } from '../../../../src/doctor/run.ts';
import { yamlTexts } from '../../../../src/doctor/yaml-texts.ts';

function examined(kind: 'manifests' | 'composes', text: string, env: Record<string, string> = {}) {
  const facts: StaticFacts = {
    project: null,
    confs: [],
    composes: [],
    manifests: [],
    natsVersion: '2.10.27',
    env,
    [kind]: yamlTexts('a.yaml', text),
  };
  const missing = (): { error: 'missing'; reason: string } => ({ error: 'missing', reason: 'is not there' });
  const { confs, notes } =
    kind === 'manifests' ? manifestConfs(facts, () => text) : composeConfs(facts, () => text, missing);
  const findings = runStatic({ ...facts, confs }).filter(({ rule }) => rule.startsWith('C'));
  return { confs, notes, findings, fixed: planFix(findings, new Map([['a.yaml', text]])).changes[0]?.after };
}

const configMap = (conf: string, more = '') =>
  `kind: ConfigMap\nmetadata: { name: nats }\ndata:\n  nats.conf: ${conf}\n${more}`;

const DEPLOYMENT = (env: string) =>
  `---\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - { name: nats, image: "nats:2.10", ${env} }\n`;

describe('a nats.conf in a ConfigMap', () => {
  it('is mended where it stands', () => {
    const text = configMap('|\n    jetstream {\n      max_memory: 1GiB\n    }');
    expect(examined('manifests', text).fixed).toBe(text.replace('max_memory:', 'max_memory_store:'));
  });

  it('is not mended behind an encoding', () => {
    const { findings, fixed } = examined('manifests', configMap('"port: 1\\njetstream { max_memory: 1G }"'));
    expect(findings.map(({ rule, place }) => ({ rule, place }))).toEqual([
      { rule: 'C01', place: { kind: 'file', file: 'a.yaml', line: 4, column: 3 } },
    ]);
    expect(fixed).toBeUndefined();
  });

  it('takes variables from the containers that run nats-server', () => {
    const text = configMap('|\n    port: $PORT\n    server_name: $NAME\n    host: $HOST_IP');
    const env = 'env: [{ name: PORT, value: "4333" }, { name: NAME, valueFrom: {} }]';
    const { findings, notes } = examined('manifests', text + DEPLOYMENT(env));
    expect(notes).toEqual([]);
    expect(findings.map(({ rule, cause }) => `${rule} ${cause}`)).toEqual([
      'C07 $HOST_IP refers to HOST_IP, which is set neither above it in the file nor in the environment.',
    ]);
  });

  it('does not call a variable missing that a container out of sight may have', () => {
    const text = configMap('|\n    server_name: $NAME\n    authorization { user: a, password: $PASS }');
    for (const all of [text, text + DEPLOYMENT('envFrom: [{ secretRef: { name: nats } }]')]) {
      const { findings, notes } = examined('manifests', all);
      expect(findings).toEqual([]);
      expect(notes).toEqual([
        'nats.conf of ConfigMap nats in a.yaml was checked without knowing $NAME, $PASS.',
      ]);
    }
  });

  it('is left alone when a number in it is not known', () => {
    const { confs, notes } = examined('manifests', configMap('|\n    jetstream { max_file_store: $SIZE }'));
    expect(confs).toEqual([]);
    expect(notes).toEqual([
      'nats.conf of ConfigMap nats in a.yaml was not checked: what $SIZE is stands in none of the manifests.',
    ]);
  });

  it('may be of a size that no ConfigMap has', () => {
    const conf = `${'a'.repeat(300_000)}${' '.repeat(300_000)}\n${'    $A$B c: $D\n'.repeat(5_000)}`;
    const names = Array.from({ length: 5_000 }, (_, index) => `    k${index}: $V${index}\n`).join('');
    for (const text of [`    ${conf}`, names]) {
      const { confs } = examined('manifests', configMap(`|\n${text}`));
      expect(confs).toHaveLength(1);
    }
  });

  it('ends where keys include each other in a circle', () => {
    const text = configMap('|\n    include ./b.conf', '  b.conf: |\n    include ./nats.conf\n');
    const { findings } = examined('manifests', text);
    expect(findings.map(({ rule }) => rule)).toContain('C11');
  });

  it.each([
    ['null', ''],
    ['an empty text', '""'],
    ['no text', '{ a: 1 }'],
    ['binary', '"\\0\\x01\\x02"'],
    ['a byte order mark', '"\\uFEFFport: 1"'],
  ])('may be %s', (_, conf) => {
    for (const { place } of examined('manifests', configMap(conf)).findings)
      expect(place).toMatchObject({ kind: 'file', file: 'a.yaml', line: 4 });
  });

  it('may be encoded, by hand too', () => {
    const secret = (data: string) => `kind: Secret\ndata:\n  nats.conf: ${data}\n`;
    const [encoded, broken] = [secret(Buffer.from('prot: 1').toString('base64')), secret('"%%%"')];
    expect(examined('manifests', encoded).findings.map(({ rule }) => rule)).toEqual(['C01']);
    expect(examined('manifests', broken).confs).toEqual([]);
    expect(examined('manifests', secret(Buffer.from([0xff, 0xfe]).toString('base64'))).confs).toEqual([]);
  });
});

describe('a nats.conf in a Compose file', () => {
  const compose = (content: string, mount = '{ source: own, target: /etc/nats/nats-server.conf }') =>
    `services:\n  nats:\n    image: nats:2.10\n    configs: [${mount}]\nconfigs:\n  own:\n    content: |\n      ${content}\n`;

  it('has the variables of Compose replaced, and those of nats-server kept', () => {
    const text = compose('port: ${PORT:-4222}; server_name: $$NAME; prot: 1');
    const { findings, notes } = examined('composes', text);
    expect(notes).toEqual([]);
    expect(findings.map(({ rule, place }) => [rule, place])).toEqual([
      ['C07', { kind: 'file', file: 'a.yaml', line: 8, column: 41 }],
      ['C01', { kind: 'file', file: 'a.yaml', line: 8, column: 49 }],
    ]);
  });

  it('is not checked with a variable that nobody knows here', () => {
    const { confs, notes } = examined('composes', compose('prot: ${PORT}'));
    expect(confs).toEqual([]);
    expect(notes).toEqual([
      'configs.own of a.yaml was not checked: Compose replaces ${PORT} in it, which is not known here.',
    ]);
  });

  it('is nothing to a server that reads another file', () => {
    expect(examined('composes', compose('prot: 1', 'own')).confs).toEqual([]);
  });
});

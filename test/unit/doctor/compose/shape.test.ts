import { describe, expect, it } from 'vitest';
import { composeProblems } from '../../../../src/doctor/compose/shape.ts';
import { yamlTexts } from '../../../../src/doctor/yaml-texts.ts';

function problemsOf(text: string): string[] {
  const [{ value, place }] = yamlTexts('compose.yaml', text) as [ReturnType<typeof yamlTexts>[number]];
  return composeProblems(value as Record<string, unknown>, place).map(({ place: at, message }) =>
    at.kind === 'file' ? `${at.line}:${at.column}: ${message}` : message,
  );
}

describe('the shape of a Compose file', () => {
  it.each([
    ['settings of something else', 'port: 4222\n', ['1:1: is no Compose file: it has no services']],
    ['services as a list', 'services:\n  - nats\n', ['1:1: services: expected a map of names and services']],
    ['services as a word', 'services: nats\n', ['1:11: services: expected a map of names and services']],
    [
      'a service that is a word',
      'services:\n  nats: nats:2.10\n  db: [1]\n',
      [
        '2:9: services.nats: expected a map of keys and values',
        '3:3: services.db: expected a map of keys and values',
      ],
    ],
    ['a service named as the root of all objects', 'services: {constructor: {image: nats}}\n', []],
    ['a file with anchors only', 'x-nats: &nats {image: nats}\n', []],
    ['a fragment with volumes only', 'volumes: {data: {}}\n', []],
    ['services that are all commented out', 'services:\n', []],
    ['an include', 'include: [nats.yaml]\n', []],
  ])('%s', (_, text, expected) => expect(problemsOf(text)).toEqual(expected));
});

import { describe, expect, it } from 'vitest';
import { parseState, STATE_VERSION } from '../../../src/engine/state.ts';

const text = (version: number) =>
  JSON.stringify({
    version,
    environment: 'shop',
    id: 'devenv-shop-1',
    runtime: 'process',
    ports: { nats: 4222 },
  });

describe('the state file', () => {
  it.each([1, STATE_VERSION])('of version %i is read', (version) => {
    expect(parseState(text(version), 'state.json')).toMatchObject({
      version: STATE_VERSION,
      runtime: 'process',
      ports: { nats: 4222 },
      lastProbe: null,
    });
  });

  it('of a newer devenv is left alone', () => {
    expect(() => parseState(text(STATE_VERSION + 1), 'state.json')).toThrow(
      expect.objectContaining({ code: 'STATE_FROM_FUTURE' }),
    );
  });
});

import { errors } from '@nats-io/transport-node';
import { expect, it } from 'vitest';
import { natsFailure } from '../../../src/adapters/nats/failures.ts';

it('servers that do not answer are told as such, with what to look at', () => {
  expect(natsFailure(new errors.TimeoutError(), 'list the streams')).toMatchObject({
    code: 'NATS_FAILED',
    message: 'cannot list the streams: the servers did not answer in time',
    hint: expect.stringContaining('devenv status'),
  });
});

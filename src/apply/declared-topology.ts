import * as z from 'zod/mini';
import { DevenvError } from '../errors.ts';
import type { DeclaredTopology } from '../topology/diff.ts';

const count = z.int();
const texts = z.array(z.string());

const stream = z.strictObject({
  name: z.string(),
  account: z.string(),
  family: z.exactOptional(z.string()),
  subjects: texts,
  storage: z.enum(['file', 'memory']),
  retention: z.enum(['limits', 'interest', 'workqueue']),
  discard: z.enum(['old', 'new']),
  maxBytes: count,
  maxAge: count,
  maxMsgs: count,
  maxMsgSize: count,
  duplicateWindow: count,
  replicas: count,
  placement: texts,
});

const consumer = z.strictObject({
  stream: z.string(),
  account: z.string(),
  name: z.string(),
  filterSubjects: texts,
  ackWait: count,
  maxDeliver: count,
  backoff: z.array(count),
  maxAckPending: count,
  deliverPolicy: z.enum(['all', 'new', 'last']),
  inactiveThreshold: count,
});

const topology = z.object({ streams: z.array(stream), consumers: z.array(consumer) });

/** The TOPOLOGY variable, checked: it may have been edited by hand since devenv wrote it. */
export function declaredTopology(text: string | undefined): DeclaredTopology {
  if (!text) throw unreadable('it is not set', []);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error), []);
  }
  const result = z.safeParse(topology, value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `TOPOLOGY.${path.join('.')}: ${message}`);
  throw unreadable('it does not fit the shape', problems);
}

const unreadable = (why: string, details: readonly string[]) =>
  new DevenvError(
    'CONFIG_INVALID',
    `TOPOLOGY cannot be used: ${why}; expected {"streams": […], "consumers": […]}`,
    {
      details,
      hint: 'Run `devenv generate` again; it writes this variable.',
    },
  );

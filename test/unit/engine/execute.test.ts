import { describe, expect, it } from 'vitest';
import { execute } from '../../../src/engine/execute.ts';
import type { Step } from '../../../src/engine/plan.ts';
import type { DevenvEvent } from '../../../src/events.ts';

const step = (id: string, dependsOn: string[] = [], isolated = false): Step => ({
  id,
  title: id,
  cause: 'because',
  dependsOn,
  action: { kind: 'migrate' },
  isolated,
});

async function run(
  steps: Step[],
  perform: (id: string, signal: AbortSignal) => Promise<string | undefined>,
  signal = new AbortController().signal,
) {
  const events: DevenvEvent[] = [];
  const outcome = await execute(steps, (_action, { id }, own) => perform(id, own), {
    emit: (event) => events.push(event),
    signal,
    now: () => 0,
  }).then(
    () => 'done',
    (error: unknown) => error,
  );
  const told = events.map((event) => ('id' in event ? `${event.type} ${event.id}` : event.type));
  return { outcome, told };
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('execute', () => {
  it('a step begins only when all it depends on is done', async () => {
    const order: string[] = [];
    const { outcome } = await run([step('a'), step('b', ['a']), step('c', ['a', 'b'])], async (id) => {
      order.push(id);
      return undefined;
    });
    expect(outcome).toBe('done');
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('steps that do not depend on each other run side by side', async () => {
    const { promise, resolve } = withResolvers();
    const { outcome } = await run([step('a'), step('b')], async (id) => {
      if (id === 'a') await promise;
      else resolve();
      return undefined;
    });
    expect(outcome).toBe('done');
  });

  it('a failure aborts its siblings, skips what depends on it, and is what is thrown', async () => {
    const failure = new Error('no');
    const { outcome, told } = await run([step('a'), step('b'), step('c', ['a'])], (id, signal) =>
      id === 'a' ? Promise.reject(failure) : untilAborted(signal),
    );
    expect(outcome).toBe(failure);
    expect(told).toEqual([
      'step-started a',
      'step-started b',
      'step-failed a',
      'step-failed b',
      'step-skipped c',
    ]);
  });

  it('an isolated failure lets its siblings finish and is thrown at the end', async () => {
    const failure = new Error('probe broke');
    const { outcome, told } = await run([step('a', [], true), step('b', [], true)], async (id) => {
      if (id === 'a') throw failure;
      await Promise.resolve();
      return undefined;
    });
    expect(outcome).toBe(failure);
    expect(told).toContain('step-done b');
  });

  it('an abort from outside ends everything with its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('interrupted');
    const running = run(
      [step('a'), step('b', ['a'])],
      (_id, signal) => untilAborted(signal),
      controller.signal,
    );
    setImmediate(() => controller.abort(reason));
    expect((await running).outcome).toBe(reason);
  });
});

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

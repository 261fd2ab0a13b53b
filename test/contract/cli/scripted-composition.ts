import type { OpenedProject } from '../../../src/commands/context.ts';
import { DevenvError } from '../../../src/errors.ts';
import type { LogLine } from '../../../src/runtime/runtime.ts';
import { fakeEngine, type Script, UP } from '../../helpers/fake-engine.ts';

const never = (): Promise<never> => new Promise((_resolve) => setInterval(() => {}, 1000));

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const alive = setInterval(() => {}, 1000);
    signal.addEventListener('abort', () => {
      clearInterval(alive);
      reject(signal.reason);
    });
  });

/** What the engine does, by the value of SCENARIO. Steps tell the test that the verb has come so far. */
const SCENARIOS: Readonly<Record<string, Script>> = {
  'big result': {
    restart: async () =>
      Array.from({ length: 20_000 }, (_, index) => ({
        service: `service-${index}`,
        state: 'running' as const,
        health: { status: 'ready' as const, detail: 'x'.repeat(50) },
        ports: {},
        restarts: 0,
      })),
  },
  'endless logs': {
    async *logs(_query, { signal }): AsyncIterable<LogLine> {
      for (let index = 0; !signal.aborted; index += 1) {
        yield { service: 'api', at: '2026-01-31T12:00:00.000Z', text: `line ${index}` };
        if (index % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    },
  },
  'up waits': {
    async up(_options, { emit, signal }) {
      emit({ type: 'step-started', id: 'nats', title: 'start nats', cause: 'no process' });
      await untilAborted(signal);
      return UP;
    },
  },
  'up hangs': {
    async up(_options, { emit }) {
      emit({ type: 'step-started', id: 'nats', title: 'start nats', cause: 'no process' });
      return never();
    },
  },
  attached: {
    async *logs(_query, { signal }): AsyncIterable<LogLine> {
      while (!signal.aborted) {
        yield { service: 'api', at: '2026-01-31T12:00:00.000Z', text: 'listening' };
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async down(_options, { emit }) {
      emit({ type: 'note', level: 'info', text: 'going down' });
      return { environment: 'orders', removed: [], ms: 1 };
    },
  },
  'a handle stays open': {
    async restart() {
      setInterval(() => {}, 1000);
      return [];
    },
  },
  'a bug': {
    async up() {
      throw new TypeError('x is not a function');
    },
  },
  'a known error': {
    async up() {
      throw new DevenvError('PORT_TAKEN', 'Port 4222 is taken by pid 99.', { hint: 'Stop it.' });
    },
  },
  hostile: {
    variables: async () => JSON.parse(process.env.VARIABLES!) as Record<string, string>,
  },
};

export async function openProject(): Promise<OpenedProject> {
  return { engine: fakeEngine(SCENARIOS[process.env.SCENARIO ?? '']).engine, configFile: null };
}

import type {
  AuthReport,
  AuthUser,
  Engine,
  ServiceRow,
  StatusReport,
  TopologyDiff,
  UpResult,
} from '../../src/engine/engine.ts';
import type { DevenvEvent } from '../../src/events.ts';
import type { ProbeReport } from '../../src/probes/probe.ts';
import type { LogLine } from '../../src/runtime/runtime.ts';
import type { Topology } from '../../src/topology/model.ts';
import { someService, someTopology } from './topology.ts';

/** A call that the engine has received: the verb and what it was given. */
export type Received = readonly [verb: string, ...args: unknown[]];

export interface FakeEngine {
  engine: Engine;
  received: Received[];
}

/** What each verb does; a function may throw, wait for the signal, or emit. */
export interface Script {
  up?: Engine['up'];
  down?: Engine['down'];
  status?: StatusReport;
  variables?: Engine['variables'];
  logs?: Engine['logs'];
  probe?: Engine['probe'];
  restart?: Engine['restart'];
  generate?: Engine['generate'];
  drift?: Partial<Engine['drift']>;
  authTest?: AuthReport;
}

/** An engine that records what it is asked and answers from a script, by default with a healthy environment. */
export function fakeEngine(script: Script = {}): FakeEngine {
  const received: Received[] = [];
  const record = (...call: Received): void => {
    received.push(call);
  };
  const engine: Engine = {
    environment: {
      name: 'orders',
      projectDir: '/srv/orders',
      stateDir: '/srv/orders/.devenv/orders',
      id: 'devenv-orders-0',
    },
    topology: TOPOLOGY,
    probes: [
      { name: 'flow', summary: 'An order becomes rows.', isDefault: true },
      { name: 'duplicate', summary: 'The same key twice is one row.', isDefault: true },
      { name: 'restart', summary: 'A killed server loses nothing.', isDefault: false },
    ],
    up: async (options, call) => {
      record('up', options);
      return script.up === undefined ? UP : script.up(options, call);
    },
    down: async (options, call) => {
      record('down', options);
      return script.down === undefined
        ? { environment: 'orders', removed: ['process nats (pid 11)'], ms: 312 }
        : script.down(options, call);
    },
    status: async () => {
      record('status');
      return script.status ?? STATUS;
    },
    variables: async (call) => {
      record('variables');
      return script.variables === undefined
        ? { NATS_URL: 'nats://u:p@127.0.0.1:4222' }
        : script.variables(call);
    },
    logs: (query, call) => {
      record('logs', query);
      return script.logs === undefined ? fromArray(LINES) : script.logs(query, call);
    },
    probe: async (names, call) => {
      record('probe', names);
      return script.probe === undefined ? [PASSED] : script.probe(names, call);
    },
    restart: async (services, options, call) => {
      record('restart', services, options);
      return script.restart === undefined ? SERVICES : script.restart(services, options, call);
    },
    look: async () => null,
    auth: {
      users: () => USERS,
      variables: async (user) => {
        record('auth variables', user);
        return { NATS_URL: 'nats://127.0.0.1:4222', NATS_NKEY_SEED: 'SU' };
      },
      rotate: async (users, options) => {
        record('auth rotate', users, options);
        return {
          users: users.length > 0 ? users : USERS.map(({ name }) => name),
          servers: [{ service: 'nats', how: 'reloaded', ms: 31 }],
          services: SERVICES,
          ms: 900,
        };
      },
      test: async (users) => {
        record('auth test', users);
        return script.authTest ?? AUTH_REPORT;
      },
    },
    drift: {
      compare: async (call) => {
        record('drift.compare');
        return script.drift?.compare === undefined ? SAME : script.drift.compare(call);
      },
      mend: async (options, call) => {
        record('drift.mend', options);
        return script.drift?.mend === undefined
          ? { environment: 'orders', done: [], ms: 12 }
          : script.drift.mend(options, call);
      },
    },
    generate: async (directory, options, call) => {
      record('generate', directory, options);
      return script.generate === undefined
        ? [`${directory}/compose.yaml`, `${directory}/nats.conf`]
        : script.generate(directory, options, call);
    },
  };
  return { engine, received };
}

async function* fromArray<T>(items: readonly T[]): AsyncIterable<T> {
  yield* items;
}

export const LINES: readonly LogLine[] = [
  { service: 'nats', at: '2026-01-31T12:00:00.000Z', text: 'Server is ready' },
  { service: 'worker', at: '2026-01-31T12:00:00.100Z', text: '{"msg":"done"}' },
];

const ready = { status: 'ready', detail: 'answers' } as const;

export const SERVICES: readonly ServiceRow[] = [
  {
    service: 'nats',
    state: 'running',
    health: ready,
    url: 'nats://127.0.0.1:4222',
    ports: { nats: 4222, 'nats-monitor': 8222 },
    pid: 11,
    uptimeMs: 61_000,
    restarts: 0,
  },
  {
    service: 'postgres',
    state: 'running',
    health: ready,
    url: 'postgresql://127.0.0.1:5432/orders',
    ports: { postgres: 5432 },
    pid: 12,
    uptimeMs: 61_000,
    restarts: 0,
  },
  {
    service: 'api',
    state: 'running',
    health: ready,
    url: 'http://127.0.0.1:8080',
    ports: { api: 8080 },
    pid: 13,
    uptimeMs: 60_000,
    restarts: 2,
  },
  {
    service: 'worker',
    state: 'backoff',
    health: { status: 'not-ready', detail: 'GET /readyz → 503' },
    ports: {},
    restarts: 4,
  },
];

export const USERS: readonly AuthUser[] = [
  { name: 'devenv', account: 'APP', auth: 'password', kind: 'admin', services: [], permissions: null },
  {
    name: 'reporting',
    account: 'APP',
    auth: 'nkey',
    kind: 'declared',
    services: ['mailer'],
    permissions: {
      publish: { allow: ['mail.sent'], deny: [] },
      subscribe: { allow: ['_INBOX.>'], deny: [] },
      allowResponses: false,
    },
  },
];

export const AUTH_REPORT: AuthReport = {
  users: [
    {
      user: 'reporting',
      account: 'APP',
      trials: [
        {
          deed: 'log in',
          subject: '127.0.0.1:4222',
          expected: 'allowed',
          seen: 'allowed',
          why: 'nkey log-in',
          detail: 'accepted',
        },
        {
          deed: 'publish',
          subject: '$JS.API.STREAM.DELETE.MESSAGES',
          expected: 'denied',
          seen: 'denied',
          why: 'deletes MESSAGES',
          detail: 'Permissions Violation',
        },
      ],
    },
  ],
  trials: 2,
  differences: 0,
  ms: 12,
};

export const PASSED: ProbeReport = { probe: 'flow', status: 'passed', ms: 84, key: 'K1', hops: [] };

export const FAILED: ProbeReport = {
  probe: 'flow',
  status: 'failed',
  ms: 5020,
  key: 'K2',
  hops: [
    { hop: 'POST /ingest/message → 202', status: 'passed', ms: 12, evidence: {} },
    {
      hop: 'stream MESSAGES holds it',
      status: 'failed',
      ms: 5000,
      evidence: { sequence: 41, log: ['worker: one', 'worker: two'] },
      error: 'expected a new sequence, saw 41 again',
    },
    { hop: 'row in orders', status: 'skipped', ms: 0, evidence: {} },
  ],
  brokenHop: 'stream MESSAGES holds it',
  fix: 'See whether the API may publish.',
};

export const UP: UpResult = {
  environment: 'orders',
  runtime: 'process',
  isNew: false,
  steps: [
    { id: 'start-nats', title: 'start nats', cause: 'no process', dependsOn: [] },
    { id: 'start-postgres', title: 'start postgres', cause: 'no process', dependsOn: [] },
    { id: 'start-worker', title: 'start worker', cause: 'process exited (137)', dependsOn: ['start-nats'] },
  ],
  dryRun: false,
  services: SERVICES,
  configured: [],
  probes: [PASSED],
  ms: 1240,
};

export const STATUS: StatusReport = {
  name: 'orders',
  project: 'orders',
  projectDir: '/srv/orders',
  runtime: 'process',
  running: true,
  services: SERVICES,
  jetstream: {
    memory: { used: 0, reserved: 0, limit: 268_435_456 },
    file: { used: 2048, reserved: 536_870_912, limit: 1_073_741_824 },
    streams: [
      {
        name: 'MESSAGES',
        subjects: ['messages.ingest.>'],
        storage: 'file',
        messages: 3,
        used: 2048,
        reserved: 536_870_912,
        declared: true,
      },
      {
        name: 'STRAY',
        subjects: ['stray.>'],
        storage: 'memory',
        messages: 0,
        used: 0,
        reserved: -1,
        declared: false,
      },
    ],
    consumers: [
      {
        stream: 'MESSAGES',
        name: 'workers',
        lag: 2,
        pending: 1,
        ackPending: 1,
        redelivered: 0,
        declared: true,
      },
    ],
  },
  lastProbe: {
    at: '2026-01-31T11:58:00.000Z',
    status: 'passed',
    probes: [{ probe: 'flow', status: 'passed', ms: 84 }],
  },
};

export const SAME: TopologyDiff = {
  environment: 'orders',
  same: true,
  accounts: [
    {
      account: '$G',
      changes: [
        {
          kind: 'same',
          object: 'stream MESSAGES',
          type: 'stream',
          stream: 'MESSAGES',
          dangerous: false,
          reason: 'as declared',
        },
      ],
    },
  ],
};

/** One event of each kind, in an order in which they could come. */
export const EVENTS: readonly DevenvEvent[] = [
  { type: 'note', level: 'info', text: 'no Docker engine: process runtime' },
  { type: 'note', level: 'warn', text: 'port 4222 is taken by pid 99 (nats-server)' },
  { type: 'plan', steps: UP.steps },
  { type: 'step-started', id: 'start-nats', title: 'start nats', cause: 'no process' },
  { type: 'step-progress', id: 'start-nats', text: 'downloading', done: 21, total: 50, unit: 'bytes' },
  { type: 'step-done', id: 'start-nats', ms: 118, detail: 'pid 11' },
  { type: 'step-skipped', id: 'migrate', title: 'migrate', reason: 'nothing to apply' },
  { type: 'step-started', id: 'start-api', title: 'start api', cause: 'exited (1)' },
  { type: 'service-exited', service: 'api', code: 1, signal: null, willRestart: true },
  {
    type: 'step-failed',
    id: 'start-api',
    ms: 3000,
    error: { code: 'NOT_READY', message: 'api was not ready after 3.0 s' },
  },
  { type: 'step-started', id: 'probe:flow', title: 'probe flow', cause: 'something was started' },
  { type: 'probe-started', probe: 'flow', summary: 'An order becomes rows.' },
  { type: 'probe-hop', probe: 'flow', hop: 'POST → 202', status: 'passed', ms: 12 },
  { type: 'probe-done', probe: 'flow', status: 'passed', ms: 84 },
  { type: 'step-done', id: 'probe:flow', ms: 90 },
  { type: 'probe-done', probe: 'retry', status: 'failed', ms: 84, brokenHop: 'row in orders' },
];

const TOPOLOGY: Topology = someTopology({
  project: 'orders',
  streams: [],
  consumers: [],
  services: [
    someService('api', { source: { kind: 'builtin', program: 'api' } }),
    someService('worker', { source: { kind: 'builtin', program: 'worker' } }),
  ],
  ports: [],
});

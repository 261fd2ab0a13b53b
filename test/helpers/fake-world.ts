import type { LiveFacts } from '../../src/doctor/facts.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import type { TopologyDiff } from '../../src/engine/engine.ts';
import type { State } from '../../src/engine/state.ts';
import type { KnownSecrets, World } from '../../src/engine/world.ts';
import { DevenvError } from '../../src/errors.ts';
import type { DevenvEvent } from '../../src/events.ts';
import type { Mark } from '../../src/probes/marks.ts';
import type { Probe } from '../../src/probes/probe.ts';
import type { FileStamp, ObservedService, Runtime, ServiceExit } from '../../src/runtime/runtime.ts';
import type { Deployment } from '../../src/topology/deployment.ts';
import { serviceNames } from '../../src/topology/deployment.ts';
import { natsServers } from '../../src/topology/servers.ts';
import { someSecrets } from './topology.ts';

const PASSWORD = 'a-password-nobody-prints';

/** A nats.conf that changes with anybody's credentials and with the largest message. */
const confOf = ({ secrets, topology }: Deployment): string =>
  [
    `authorization: ${JSON.stringify(Buffer.from(JSON.stringify(secrets.nats)).toString('hex'))}`,
    `max_pending: ${topology.nats.maxPending}`,
    '',
  ].join('\n');

/**
 * A world in memory whose time moves only by sleeping. What it does is recorded in `acts`; its fields are switched by
 * tests to make things go wrong.
 */
export class FakeWorld {
  static readonly secret = PASSWORD;
  readonly acts: string[] = [];
  readonly events: DevenvEvent[] = [];
  readonly running = new Map<string, ObservedService>();
  readonly notReady = new Set<string>();
  readonly exits: ServiceExit[] = [];
  /** nats.conf of each server, as it lies there. */
  readonly confs = new Map<string, { text: string; stamp: FileStamp }>();
  /** Servers that go on with what they have when they are told to read their file again. */
  readonly deaf = new Set<string>();
  #readAt = new Map<string, number>();
  /** Ports somebody else binds between choice and start: each is met once. */
  readonly lostPorts: string[] = [];
  dockerAnswers = true;
  imageToBeHad = true;
  state: State | null = null;
  secrets: KnownSecrets | null = null;
  differences: string[] = ['stream MESSAGES: missing'];
  drift: TopologyDiff['accounts'] = [];
  compareFailure: Error | null = null;
  /** The object at which mending fails. */
  cannotMend: string | null = null;
  pending: string[] = ['table orders: missing'];
  leased: Record<string, number> = {};
  /** What killed probes left. */
  orphans: Mark[] = [];
  cannotRemove = false;
  probeStatus: 'passed' | 'failed' = 'passed';
  onStart: (() => void) | undefined;
  /** Subjects that everybody may publish and subscribe to, whatever is declared. */
  readonly leaks: string[] = [];
  #time = 1_000_000;
  #credentials = 0;

  /** What the static rules say. */
  findings: Finding[] = [];
  live: LiveFacts | null = null;

  readonly world: World = {
    look: async () => {
      if (this.live === null) throw new Error('the test has no live facts');
      return this.live;
    },
    now: () => this.#time,
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      this.#time += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
    secretsFor: async (topology, known) => {
      this.#credentials += 1;
      const made = someSecrets(topology, `${PASSWORD}-${this.#credentials}`, PASSWORD);
      return { ...made, ...known, nats: { ...made.nats, ...known?.nats } };
    },
    runtime: async (kind) => this.#runtime(kind),
    state: {
      load: async () => this.state,
      save: async (_environment, state) => {
        this.state = state;
      },
      saveDeclared: async () => {},
      loadSecrets: async () => this.secrets,
      saveSecrets: async (_environment, secrets) => {
        this.secrets = secrets;
      },
      remove: async () => {
        const existed = this.state !== null;
        this.state = null;
        this.secrets = null;
        return existed;
      },
    },
    ports: {
      allocate: async ({ requests, sticky, avoid }) => {
        const ports = Object.fromEntries(
          requests.map(({ name, preferred }) => [name, sticky[name] ?? this.#free(preferred, avoid)]),
        );
        this.leased = ports;
        return { ports, moved: [], notes: [] };
      },
      release: async () => {
        this.leased = {};
      },
    },
    lock: async (_environment, _call, body) => body(),
    servers: {
      nats: async ({ servers }) => this.#check(this.#serviceAt(servers[0]?.split(':')[1] ?? '')),
      member: async ({ servers }) => this.#check(this.#serviceAt(servers[0]?.split(':')[1] ?? '')),
      confReadAt: async (url) =>
        String(this.#readAt.get(this.#serviceAt(new URL(url).port).replace('-monitor', '')) ?? 0),
      postgres: async () => this.#check('postgres'),
      http: async (url) => this.#check(this.#serviceAt(new URL(url).port).replace('-monitor', '')),
      tcp: async (port) => this.#check(this.#serviceAt(String(port))),
    },
    topology: {
      differences: async () => this.differences,
      apply: async () => {
        this.acts.push('apply topology');
        return this.differences.splice(0);
      },
      usage: async () => {
        throw new Error('not asked in these tests');
      },
      compare: async () => {
        if (this.compareFailure !== null) throw this.compareFailure;
        return this.drift;
      },
      mend: async (_access, _topology, differences, onDone) => {
        for (const { account, changes } of differences) {
          for (const { object } of changes) {
            if (object === this.cannotMend) throw new DevenvError('NATS_FAILED', `cannot mend ${object}`);
            this.acts.push(`mend ${object}`);
            onDone({ account, object, action: 'updated', details: [] });
          }
        }
      },
    },
    auth: {
      login: async ({ user, credential }) => {
        const accepted = this.#known(user) === JSON.stringify(credential);
        return { accepted, detail: accepted ? 'accepted' : 'refused' };
      },
      run: async (_access, _admin, trials) =>
        trials.map(({ expected, subject }) =>
          this.leaks.includes(subject)
            ? { seen: 'allowed', detail: 'let through' }
            : { seen: expected, detail: 'as declared' },
        ),
      reach: async () => ({ seen: 'denied', detail: 'it did not arrive' }),
      forged: async () => ({ kind: 'password', password: 'not it' }),
    },
    migrations: {
      pending: async () => this.pending,
      apply: async () => {
        this.acts.push('migrate');
        return this.pending.splice(0);
      },
    },
    probes: [this.#probe('flow'), this.#probe('retry')],
    remains: {
      marks: () => ({ write: async () => {}, erase: async () => {}, orphans: async () => this.orphans }),
      remove: async ({ key }) => {
        if (this.cannotRemove) throw new DevenvError('NATS_FAILED', 'no server answers');
        this.acts.push(`remove ${key}`);
        return { messages: 2, rows: 3 };
      },
    },
    writeStandalone: async () => [],
  };

  readonly emit = (event: DevenvEvent): void => {
    this.events.push(event);
  };

  /** As an editor does it: into the file, or by another one in its place. */
  edit(service: string, change: (text: string) => string, replace: boolean): void {
    const { text, stamp } = this.confs.get(service)!;
    this.#time += 1;
    const inode = replace ? stamp.inode + 1_000 : stamp.inode;
    this.confs.set(service, { text: change(text), stamp: { inode, changedAt: this.#time } });
  }

  die(service: string, exit: { code: number | null; signal: string | null }): void {
    const seen = this.running.get(service);
    if (seen) this.running.set(service, { ...seen, state: 'exited', lastExit: { ...exit, at: '' } });
    this.exits.push({ service, ...exit, willRestart: false });
  }

  #free(preferred: number, avoid: ReadonlySet<number>): number {
    let port = preferred;
    while (avoid.has(port)) port += 1;
    return port;
  }

  #check(service: string) {
    const ready = this.running.has(service) && !this.notReady.has(service);
    return { ready, detail: ready ? 'answers' : 'does not answer' };
  }

  /** What the running servers were started with. */
  #known(user: string): string {
    return JSON.stringify(this.secrets?.nats?.[user]);
  }

  #serviceAt(port: string): string {
    return Object.entries(this.leased).find(([, leased]) => String(leased) === port)?.[0] ?? '';
  }

  #probe(name: string): Probe {
    return {
      name,
      summary: name,
      isDefault: true,
      run: async () => {
        this.acts.push(`probe ${name}`);
        const broken = this.probeStatus === 'failed' ? { brokenHop: 'POST → 202' } : {};
        return { probe: name, status: this.probeStatus, ms: 1, key: 'k', hops: [], ...broken };
      },
    };
  }

  #runtime(kind: 'docker' | 'process'): Runtime {
    const mine = () => (this.state === null || this.state.runtime === kind ? [...this.running.values()] : []);
    return {
      kind,
      check: async () => {
        if (kind === 'docker' && !this.dockerAnswers)
          throw new DevenvError('DOCKER_ABSENT', 'no engine answers');
        return { summary: kind };
      },
      definitionHashes: (deployment) =>
        Object.fromEntries(serviceNames(deployment.topology).map((name) => [name, name])),
      observe: async () => mine(),
      missing: async () =>
        kind === 'docker' && !this.imageToBeHad
          ? [{ name: 'image nats:2', kind: 'image', cause: 'not here' }]
          : [],
      prepare: async () => {
        throw new DevenvError('IMAGE_UNAVAILABLE', 'the image cannot be had');
      },
      start: async (deployment, services) => this.#start(deployment, services),
      configurations: async (deployment) =>
        natsServers(deployment.topology).map(({ service }) => {
          const found = this.confs.get(service);
          const path = `/conf/${service}.conf`;
          return { service, path, wanted: confOf(deployment), pinned: true, ...(found && { found }) };
        }),
      reload: async (deployment, services) => {
        this.acts.push(`reload ${services.join(' ')}`);
        for (const service of services) {
          this.#write(deployment, service, this.confs.get(service)?.stamp.inode ?? 1);
          if (!this.deaf.has(service)) this.#readAt.set(service, this.#time);
        }
      },
      exits: async function* (this: FakeWorld, _environment: unknown, signal: AbortSignal) {
        while (!signal.aborted) {
          yield* this.exits.splice(0);
          await new Promise((resolve) => setImmediate(resolve));
        }
      }.bind(this),
      kill: async () => undefined,
      restart: async (_environment, services) => {
        this.acts.push(`restart ${services.join(' ')}`);
      },
      remove: async (_environment, { volumes }) => {
        const removed = [...this.running.keys()];
        if (removed.length > 0) this.acts.push(`remove ${removed.join(' ')}${volumes ? ' with data' : ''}`);
        this.running.clear();
        return removed;
      },
      logs: async function* (_environment, { services }) {
        yield { service: services[0] ?? '', at: '2026-01-01T00:00:00.000Z', text: 'its last words' };
      },
    };
  }

  #write(deployment: Deployment, service: string, inode: number): void {
    this.#time += 1;
    this.confs.set(service, { text: confOf(deployment), stamp: { inode, changedAt: this.#time } });
  }

  #start(deployment: Deployment, services: readonly string[]): void {
    const { ports } = deployment;
    const lost = this.lostPorts.shift();
    if (lost !== undefined) {
      throw new DevenvError('PORT_TAKEN', `port ${ports[lost]} was taken.`, { details: [lost] });
    }
    this.acts.push(`start ${services.join(' ')}`);
    for (const service of services) {
      const startedAt = new Date(this.#time).toISOString();
      const hash = service;
      if (service.startsWith('nats')) this.#write(deployment, service, this.#time);
      this.running.set(service, { service, state: 'running', pid: 1, restarts: 0, hash, startedAt });
    }
    for (const { service } of this.running.values()) {
      const own = ports[service];
      if (own !== undefined)
        this.running.set(service, { ...this.running.get(service)!, ports: { [service]: own } });
    }
    this.onStart?.();
  }
}

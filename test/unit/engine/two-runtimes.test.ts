import { describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/engine/create-engine.ts';
import { STATE_VERSION } from '../../../src/engine/state.ts';
import type { World } from '../../../src/engine/world.ts';
import type { ObservedService } from '../../../src/runtime/runtime.ts';
import { FakeWorld } from '../../helpers/fake-world.ts';
import { someSecrets, someTopology } from '../../helpers/topology.ts';

const environment = {
  name: 'shop',
  projectDir: '/srv/shop',
  stateDir: '/srv/shop/.devenv/shop',
  id: 'devenv-shop-1',
};
const OPTIONS = {
  runtime: 'auto' as const,
  dryRun: false,
  probe: false,
  strictPorts: false,
  keep: false,
  timeoutMs: 5_000,
};
const NATS: ObservedService = { service: 'nats', state: 'running', restarts: 0 };

/** Two machines' worth of services with one memory: what runs on docker is not what runs as processes. */
function twoRuntimes() {
  const local = new FakeWorld();
  const docker = new FakeWorld();
  const runtime: World['runtime'] = async (kind) => {
    const real = await (kind === 'docker' ? docker : local).world.runtime(kind);
    if (kind === 'process') return real;
    const unlessAway = async <T>(asking: () => Promise<T>) => {
      if (!docker.dockerAnswers) throw new Error('connect ENOENT /run/docker.sock');
      return asking();
    };
    return {
      ...real,
      observe: (...all) => unlessAway(() => real.observe(...all)),
      remove: (...all) => unlessAway(() => real.remove(...all)),
    };
  };
  const world: World = { ...local.world, runtime };
  const engine = createEngine(world, {
    environment,
    topology: someTopology(),
    runtime: 'auto',
    namesImages: false,
    findings: async () => [],
  });
  const call = { emit: local.emit, signal: new AbortController().signal };
  return { local, docker, engine, call };
}

/** As after an `up` on docker. */
function onDocker() {
  const all = twoRuntimes();
  all.docker.running.set('nats', NATS);
  all.local.secrets = someSecrets(someTopology());
  all.local.state = {
    version: STATE_VERSION,
    environment: environment.name,
    id: environment.id,
    runtime: 'docker',
    earlier: [],
    confs: {},
    accounts: ['$G'],
    ports: {},
    createdAt: '',
    lastProbe: null,
  };
  return all;
}

describe('an environment whose engine is away', () => {
  it('is told by what is the matter with the engine', async () => {
    const { docker, engine, call } = onDocker();
    docker.dockerAnswers = false;
    await expect(engine.status(call)).rejects.toMatchObject({ code: 'DOCKER_ABSENT' });
    await expect(engine.variables(call)).rejects.toMatchObject({ code: 'DOCKER_ABSENT' });
    await expect(engine.down({ volumes: false }, call)).rejects.toMatchObject({ code: 'DOCKER_ABSENT' });
  });

  it('goes on as processes, and down takes both down once the engine is back', async () => {
    const { local, docker, engine, call } = onDocker();
    docker.dockerAnswers = false;
    expect(await engine.up(OPTIONS, call)).toMatchObject({ runtime: 'process' });
    docker.dockerAnswers = true;
    await engine.down({ volumes: true }, call);
    expect(docker.acts).toEqual(['remove nats with data']);
    expect(local.acts).toContainEqual(expect.stringMatching(/^remove nats .* with data$/));
    expect(local.state).toBeNull();
  });

  it('lets down stop the processes, says what stays, and does not forget it', async () => {
    const { local, docker, engine, call } = onDocker();
    docker.dockerAnswers = false;
    await engine.up(OPTIONS, call);
    expect((await engine.down({ volumes: false }, call)).removed).toContain('nats');
    expect(local.events).toContainEqual(
      expect.objectContaining({ type: 'note', level: 'warn', text: expect.stringMatching(/docker runtime/) }),
    );
    await expect(engine.down({ volumes: true }, call)).rejects.toMatchObject({ code: 'DOCKER_ABSENT' });
    expect(local.state).toMatchObject({ earlier: ['docker'] });
    expect(local.leased).toEqual({});
  });
});

describe('an environment whose state file is lost', () => {
  it('is not said to be down, and up takes the processes over instead of starting containers beside them', async () => {
    const { local, docker, engine, call } = twoRuntimes();
    local.running.set('nats', NATS);
    await expect(engine.status(call)).rejects.toMatchObject({
      code: 'STATE_UNREADABLE',
      message: expect.stringMatching(/^nats of environment "shop" can be seen, but .*state\.json/),
    });
    expect(await engine.up(OPTIONS, call)).toMatchObject({ runtime: 'process', isNew: false });
    expect(docker.acts).toEqual([]);
  });

  it('is not said to be down when its credentials alone are lost', async () => {
    const { local, engine, call } = onDocker();
    local.secrets = null;
    await expect(engine.status(call)).rejects.toThrow(/secrets\.json/);
  });

  it('is down when nothing is seen, with or without an engine', async () => {
    const { docker, engine, call } = twoRuntimes();
    expect(await engine.status(call)).toMatchObject({ running: false });
    docker.dockerAnswers = false;
    expect(await engine.status(call)).toMatchObject({ running: false });
  });
});

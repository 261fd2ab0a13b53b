import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describePortHolder } from '../../../src/runtime/docker/port-holder.ts';
import type { LogLine, LogQuery } from '../../../src/runtime/runtime.ts';
import { dockerOrSkip } from '../../helpers/docker-engine.ts';
import { eventually as soon } from '../../helpers/eventually.ts';
import { commandService, DockerProject } from './docker-project.ts';

const engine = await dockerOrSkip();
const eventually = <T>(check: () => Promise<T> | T) => soon(check, { withinMs: 90_000 });

/** Writes a line whenever it is asked to, so that tests decide the order. */
const ECHO = `require('node:http').createServer((q, r) => { console.log(decodeURIComponent(q.url.slice(1))); r.end(); }).listen(9000);
console.log('first line');`;
const echo = (name: string) => commandService(name, ECHO, { port: { container: 9000, preferred: 9000 } });

describe.skipIf(!engine)('logs on the docker runtime', { timeout: 300_000 }, () => {
  let project: DockerProject;
  const say = (service: string, text: string) =>
    eventually(() => project.get(service, `/${encodeURIComponent(text)}`));
  const read = async (query: Partial<LogQuery> = {}): Promise<LogLine[]> => {
    const lines: LogLine[] = [];
    for await (const line of project.runtime.logs(
      project.environment,
      { services: [], follow: false, ...query },
      project.signal,
    ))
      lines.push(line);
    return lines;
  };
  const texts = async (query: Partial<LogQuery> = {}) =>
    (await read(query)).map(({ service, text }) => `${service} ${text}`);

  beforeAll(async () => {
    project = await DockerProject.create(engine!, { services: [echo('a'), echo('b')] });
    await project.up('a', 'b');
    for (const [service, text] of [
      ['a', 'one'],
      ['b', 'two – ünï'],
      ['a', 'three'],
      ['b', 'four'],
    ] as const)
      await say(service, text);
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    expect(await project.leftovers()).toEqual([]);
  });

  it('are in time order across services, with milliseconds', async () => {
    expect((await texts()).filter((line) => !line.endsWith('first line'))).toEqual([
      'a one',
      'b two – ünï',
      'a three',
      'b four',
    ]);
    const [line] = await read();
    expect(line!.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('are cut by service, tail and time', async () => {
    expect(await texts({ services: ['b'], tail: 1 })).toEqual(['b four']);
    const three = (await read()).find(({ text }) => text === 'three')!;
    expect(await texts({ since: new Date(three.at) })).toEqual(['a three', 'b four']);
  });

  it('are followed through a restart and a new container', async () => {
    const { runtime, environment, deployment, context } = project;
    const reading = new AbortController();
    const seen: string[] = [];
    const follow = (async () => {
      for await (const { service, text } of runtime.logs(
        environment,
        { services: ['a'], follow: true, tail: 1 },
        reading.signal,
      ))
        seen.push(`${service} ${text}`);
    })();
    await eventually(() => expect(seen).toEqual(['a three']));
    await say('a', 'live');
    await eventually(() => expect(seen).toEqual(['a three', 'a live']));
    await runtime.restart(environment, ['a'], context);
    await say('a', 'restarted');
    await eventually(() => expect(seen.slice(2)).toEqual(['a first line', 'a restarted']));
    await runtime.start(deployment, ['a'], context);
    await say('a', 'anew');
    await eventually(() => expect(seen.slice(4)).toEqual(['a first line', 'a anew']));
    reading.abort();
    await follow;
  });

  it('name the container that holds a port', async () => {
    expect(await describePortHolder(project.deployment.ports.a!)).toBe(`${project.environment.id}-a-1`);
    expect(await describePortHolder(1)).toBeNull();
    expect(await describePortHolder(1, { DOCKER_HOST: 'unix:///nowhere' })).toBeNull();
  });
});

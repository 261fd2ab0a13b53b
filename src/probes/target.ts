import type { DerivedEntity, Entity } from '../topology/entities.ts';
import type { Consumer } from '../topology/model.ts';
import { type PipelineNames, pipelineNames } from '../topology/pipeline-names.ts';
import type { ProbeContext } from './probe.ts';

/** What the probes of the shipped pipeline aim at, read off the topology. */
export interface Target {
  api: { name: string; url: string };
  worker: { name: string; url: string | undefined };
  names: PipelineNames;
  entity: Entity;
  /** The array in the entity's body that becomes rows of its own. */
  derived: DerivedEntity;
  /** The text column that carries the probe's unique key. */
  keyField: string;
  /** As declared; undefined when the worker's consumer is not. */
  consumer: Consumer | undefined;
  /** false when the ingest stream drops a message once it is acked, so that it cannot be looked for afterwards. */
  keepsMessages: boolean;
}

/** Why a probe that looks for its message in the stream cannot do so, or undefined. */
export const forgetful = ({ keepsMessages, names }: Target): string | undefined =>
  keepsMessages ? undefined : `the stream ${names.stream} does not keep messages that are acked`;

/** The target, or why there is none. */
export function findTarget({
  topology,
  endpoints,
}: Pick<ProbeContext, 'topology' | 'endpoints'>): Target | { skip: string } {
  const builtin = (program: 'api' | 'worker') =>
    topology.services.find(({ source }) => source.kind === 'builtin' && source.program === program);
  const api = builtin('api');
  const worker = builtin('worker');
  if (api === undefined || worker === undefined) {
    return {
      skip: 'the built-in api and worker are not both declared; this probe knows only their way of working',
    };
  }
  const url = endpoints.services[api.name];
  if (url === undefined) return { skip: `the service ${api.name} has no published port` };
  const names = pipelineNames(topology);
  for (const entity of topology.entities) {
    const keyField = entity.fields.find(
      ({ name, type }) => entity.key.includes(name) && type === 'text',
    )?.name;
    const derived = entity.derived.find(({ key }) => keyField !== undefined && key.includes(keyField));
    if (keyField === undefined || derived === undefined) continue;
    return {
      api: { name: api.name, url },
      worker: { name: worker.name, url: endpoints.services[worker.name] },
      names,
      entity,
      derived,
      keyField,
      keepsMessages: topology.streams.every(
        ({ name, retention }) => name !== names.stream || retention === 'limits',
      ),
      consumer: topology.consumers.find(
        ({ stream, name }) => stream === names.stream && name === names.consumer,
      ),
    };
  }
  return { skip: 'no declared entity has a text key and a derived entity that carries it (as Order has)' };
}

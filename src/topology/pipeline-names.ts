import type { Topology } from './model.ts';
import { covers } from './subjects.ts';

/** The names that the shipped API and worker need, read off the declared topology. */
export interface PipelineNames {
  stream: string;
  dlqStream: string;
  /** Without the trailing `.>`: `messages.ingest`. */
  subjectPrefix: string;
  dlqSubjectPrefix: string;
  consumer: string;
}

const DEFAULTS: PipelineNames = {
  stream: 'MESSAGES',
  dlqStream: 'MESSAGESDLQ',
  subjectPrefix: 'messages.ingest',
  dlqSubjectPrefix: 'messages.dlq',
  consumer: 'workers',
};

/**
 * The API's first published pattern says where messages enter, the worker's first where dead letters go; the streams
 * that capture those patterns, and the consumer that the worker works on the ingest stream, or else its first one, complete the picture. What the declaration
 * leaves open falls back to the shipped names.
 */
export function pipelineNames(topology: Topology): PipelineNames {
  const subjectPrefix = publishedPrefix(topology, 'api') ?? DEFAULTS.subjectPrefix;
  const dlqSubjectPrefix = publishedPrefix(topology, 'worker') ?? DEFAULTS.dlqSubjectPrefix;
  const stream = streamOf(topology, subjectPrefix) ?? DEFAULTS.stream;
  const worker = topology.services.find(
    ({ source }) => source.kind === 'builtin' && source.program === 'worker',
  );
  const consumer =
    worker?.works.find((work) => work.stream === stream)?.consumer ??
    topology.consumers.find((candidate) => candidate.stream === stream)?.name;
  return {
    stream,
    dlqStream: streamOf(topology, dlqSubjectPrefix) ?? DEFAULTS.dlqStream,
    subjectPrefix,
    dlqSubjectPrefix,
    consumer: consumer ?? DEFAULTS.consumer,
  };
}

function publishedPrefix(topology: Topology, program: 'api' | 'worker'): string | undefined {
  const service = topology.services.find(
    ({ source }) => source.kind === 'builtin' && source.program === program,
  );
  return service?.publishes.find((subject) => subject.endsWith('.>'))?.slice(0, -'.>'.length);
}

const streamOf = (topology: Topology, prefix: string): string | undefined =>
  topology.streams.find(({ subjects }) => subjects.some((pattern) => covers(pattern, `${prefix}.>`)))?.name;

import { checkHttp } from '../adapters/http.ts';
import { connectNats } from '../adapters/nats.ts';
import type { ProbeContext } from './probe.ts';
import type { Target } from './target.ts';

const WITHIN_MS = 600;

/** What is plainly wrong around a broken hop, most basic cause first; undefined when nothing is. */
export async function diagnose(
  target: Target,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { names, worker } = target;
  const bounds = { signal, timeoutMs: WITHIN_MS };
  await using nats = await connectNats(context.endpoints.nats, bounds);
  for (const stream of [names.stream, names.dlqStream]) {
    if ((await nats.getStream(stream)) === null) {
      return `The stream ${stream} does not exist: run \`devenv up\` to create the declared streams.`;
    }
  }
  const consumer = await nats.getConsumer(names.stream, names.consumer);
  if (consumer === null) {
    return `The consumer ${names.stream}/${names.consumer} does not exist: run \`devenv up\` to create it.`;
  }
  if (worker.url !== undefined) {
    const { ready, detail } = await checkHttp(`${worker.url}/readyz`, bounds);
    if (!ready)
      return `The service ${worker.name} is not ready (${detail}): see \`devenv logs ${worker.name}\`.`;
  }
  const open = consumer.pending + consumer.ackPending;
  return open > 100 ? `The consumer ${names.consumer} is ${open} messages behind.` : undefined;
}

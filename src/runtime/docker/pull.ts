import { DevenvError } from '../../errors.ts';
import type { StepContext } from '../runtime.ts';
import type { EngineClient } from './engine-client.ts';
import type { NeededImage } from './missing-images.ts';

/**
 * Pulls with the docker command, which knows the user's registries and credential helpers, and tells the layers as they come.
 * Throws IMAGE_UNAVAILABLE with the registry's reason and the setting that names another image.
 */
export async function pullImage(
  client: EngineClient,
  { image, setting }: NeededImage,
  { stepId, emit, signal }: StepContext,
): Promise<void> {
  const { execa } = await import('execa');
  const { host } = await client.endpoint();
  const pull = execa('docker', ['pull', image], {
    env: { ...client.env, DOCKER_HOST: host, DOCKER_CONTEXT: undefined },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    cancelSignal: signal,
    detached: true,
  });
  const layers = new LayerCount();
  for await (const line of pull.iterable()) {
    if (!layers.note(line)) continue;
    const { done, total } = layers;
    emit({
      type: 'step-progress',
      id: stepId,
      text: `${image}: ${done} of ${total} layers`,
      done,
      total,
      unit: 'items',
    });
  }
  const { failed, stderr, shortMessage } = await pull;
  signal.throwIfAborted();
  if (failed) throw unavailable(image, setting, stderr.trim() || (shortMessage ?? 'no output'));
}

/** `a1b2: Pulling fs layer` … `a1b2: Pull complete`, as `docker pull` prints without a terminal. */
export class LayerCount {
  readonly #seen = new Map<string, boolean>();

  /** Whether the line said something about a layer. */
  note(line: string): boolean {
    const match = /^([0-9a-f]{12}): (.+)$/.exec(line.trim());
    if (!match) return false;
    this.#seen.set(match[1]!, /^(Pull complete|Already exists)/.test(match[2]!));
    return true;
  }

  get done(): number {
    return [...this.#seen.values()].filter(Boolean).length;
  }

  get total(): number {
    return this.#seen.size;
  }
}

export function unavailable(image: string, setting: string, text: string): DevenvError {
  const reason = text.replace(/^Error response from daemon: /, '').replaceAll(/\s+/g, ' ');
  return new DevenvError('IMAGE_UNAVAILABLE', `The image ${image} cannot be had: ${reason}`, {
    hint: `Name one that this machine can get with ${setting}, or use --runtime process.`,
  });
}

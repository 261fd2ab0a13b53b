import { request } from 'node:http';
import type Dockerode from 'dockerode';
import { LABELS } from '../../render/labels.ts';
import type { Environment } from '../../topology/deployment.ts';
import { type Endpoint, findEndpoint, type Variables } from './endpoint.ts';

/** An answer of the engine with a status of 400 or more; `message` is the engine's own. */
export class EngineError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'EngineError';
    this.status = status;
  }
}

export interface CallOptions {
  query?: Readonly<Record<string, string | number | boolean>>;
  signal?: AbortSignal;
}

/**
 * The one place that talks to the engine. Observation, events, logs, pulls and builds go through dockerode; loading it
 * takes 150-250 ms, more than a whole `down` has to spare, so single requests (`call`) are plain HTTP on the same
 * endpoint and dockerode is loaded when first needed.
 */
export class EngineClient {
  readonly env: Variables;
  #endpoint: Promise<Endpoint> | undefined;
  #dockerode: Promise<Dockerode> | undefined;

  constructor(env: Variables = process.env) {
    this.env = env;
  }

  endpoint(): Promise<Endpoint> {
    this.#endpoint ??= findEndpoint(this.env);
    return this.#endpoint;
  }

  dockerode(): Promise<Dockerode> {
    this.#dockerode ??= this.#load();
    return this.#dockerode;
  }

  async #load(): Promise<Dockerode> {
    const [{ default: Docker }, { connection }] = await Promise.all([import('dockerode'), this.endpoint()]);
    return new Docker('socketPath' in connection ? connection : { protocol: 'http', ...connection });
  }

  /** One request, its JSON answer. Rejects with an EngineError, a system error, or the signal's reason. */
  async call<T>(method: string, path: string, { query = {}, signal }: CallOptions = {}): Promise<T> {
    const { connection } = await this.endpoint();
    const search = new URLSearchParams(
      Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
    );
    return new Promise<T>((resolve, reject) => {
      const call = request(
        { ...connection, method, path: `${path}?${search}`, ...(signal && { signal }), agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            const status = response.statusCode ?? 0;
            if (status >= 400) reject(new EngineError(status, messageOf(text)));
            else resolve(parse(text) as T);
          });
        },
      );
      call.on('error', (error) => reject(signal?.aborted ? signal.reason : error));
      call.end();
    });
  }
}

/** The `filters` parameter that selects what belongs to an environment. */
export const ofEnvironment = (
  environment: Environment,
  more: Readonly<Record<string, string[]>> = {},
): string => JSON.stringify({ label: [`${LABELS.environment}=${environment.id}`], ...more });

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function messageOf(text: string): string {
  const body = parse(text);
  const message = body !== null && typeof body === 'object' && 'message' in body ? body.message : text;
  return String(message).trim();
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Environment } from '../../topology/deployment.ts';
import type { ServiceExit } from '../runtime.ts';
import { findSupervisor } from './launch.ts';
import type { Layout } from './layout.ts';

/** While there is no supervisor yet, or none any more. */
const LOOK_MS = 50;

/**
 * Exits from the moment of the call on, whether or not a supervisor is there yet: it remembers the last ones, so that
 * none is missed between the call and the connection, nor told twice after a reconnection.
 */
export function followExits(
  environment: Environment,
  layout: Layout,
  signal: AbortSignal,
): AsyncIterable<ServiceExit> {
  return exitsFrom(new Date().toISOString(), environment, layout, signal);
}

async function* exitsFrom(
  called: string,
  environment: Environment,
  layout: Layout,
  signal: AbortSignal,
): AsyncGenerator<ServiceExit> {
  const told = new Set<string>();
  while (!signal.aborted) {
    using supervisor = await findSupervisor(environment, layout, signal).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (supervisor !== null)
      for await (const { at, ...exit } of supervisor.exits(called, signal)) {
        const key = `${exit.service} ${at} ${exit.code} ${exit.signal}`;
        if (!told.has(key)) yield exit;
        told.add(key);
      }
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

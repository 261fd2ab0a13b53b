import { constants } from 'node:os';

const BY_NUMBER = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** The engine reports death by a signal as 128 + its number. */
export function exitOf(status: number): { code: number | null; signal: string | null } {
  const signal = status > 128 ? BY_NUMBER.get((status - 128) as never) : undefined;
  return signal === undefined ? { code: status, signal: null } : { code: null, signal };
}

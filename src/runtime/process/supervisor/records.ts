import { renameSync, writeFileSync } from 'node:fs';
import { identify } from '../../../adapters/processes.ts';

export interface ChildRecord {
  /** Id of the environment: records come along when a project's folder is copied. */
  environment: string;
  service: string;
  pid: number;
  /** Opaque start time of adapters/processes.ts; absent for the instant in which it is being looked up. */
  startedAt?: string;
}

/**
 * `processes.json`: who the children are, for whoever comes after a supervisor that was killed. Written at once on
 * every change; a child that was spawned in the very moment of the kill is found by its marker instead.
 */
export function childRecords(
  path: string,
  environment: string,
): {
  set(service: string, pid: number | undefined): void;
} {
  const records = new Map<string, ChildRecord>();
  const write = () => {
    try {
      writeFileSync(`${path}.tmp`, JSON.stringify([...records.values()]), { mode: 0o600 });
      renameSync(`${path}.tmp`, path);
    } catch {
      // The folder is gone (the watch on it ends us) or full: the markers remain.
    }
  };
  return {
    set(service, pid) {
      if (pid === undefined) {
        records.delete(service);
        return write();
      }
      const record: ChildRecord = { environment, service, pid };
      records.set(service, record);
      void identify(pid).then((found) => {
        if (found === null || records.get(service) !== record) return;
        record.startedAt = found.startedAt;
        write();
      });
    },
  };
}

import { dirname, join } from 'node:path';
import { DevenvError } from '../../errors.ts';
import type { Deployment } from '../../topology/deployment.ts';
import type { MissingPart, StepContext } from '../runtime.ts';
import type { Placement } from './definitions.ts';
import { type Layout, layoutOf } from './layout.ts';
import { cacheDir, type Machine } from './machine.ts';
import { acquireNatsServer } from './nats-server/acquire.ts';
import { type Lookup, lookupNatsServer } from './nats-server/lookup.ts';
import { type Account, canReach, serverAccount } from './postgres/account.ts';
import { type PostgresBinaries, postgresBinaries } from './postgres/binaries.ts';
import { exists } from './postgres/data-directory.ts';
import { type PostgresPackage, postgresPackage, requireMajor } from './postgres/package.ts';

/** Where programs come from and data goes on this machine. */
export interface Parts {
  package(): Promise<PostgresPackage>;
  natsServer(deployment: Deployment, signal: AbortSignal): Promise<Lookup>;
  missing(deployment: Deployment, signal: AbortSignal): Promise<readonly MissingPart[]>;
  prepare(deployment: Deployment, context: StepContext): Promise<void>;
  postgres(deployment: Deployment, signal: AbortSignal): Promise<PostgresParts>;
  layout(environment: Deployment['environment']): Layout;
}

export interface PostgresParts {
  binaries: PostgresBinaries;
  package: PostgresPackage;
  account: Account | undefined;
  dataDir: string;
  /** Cache that the account can read. */
  cache: string;
}

export function machineParts(machine: Machine): Parts {
  const cache = cacheDir(machine);
  const layout: Parts['layout'] = (environment) => layoutOf(environment, machine.machineDataDir);
  const found = () => postgresPackage(machine);
  const natsServer: Parts['natsServer'] = ({ topology: { nats } }, signal) =>
    lookupNatsServer({ setting: nats.binary, wanted: nats.version, env: machine.env, cache, signal });

  return {
    layout,
    natsServer,
    package: found,
    async missing(deployment, signal) {
      const [{ found: server, passed }, postgres] = await Promise.all([
        natsServer(deployment, signal),
        found(),
      ]);
      requireMajor(postgres, deployment.topology.postgres.version);
      if (server !== null) return [];
      return [
        { name: `nats-server ${deployment.topology.nats.version}`, kind: 'binary', cause: passed.join('; ') },
      ];
    },
    async prepare(deployment, context) {
      const { found: server, passed } = await natsServer(deployment, context.signal);
      if (server !== null) return;
      const { version } = deployment.topology.nats;
      await acquireNatsServer({ version, passed, cache, machine }, context);
    },
    async postgres(deployment, signal) {
      const [pkg, account] = await Promise.all([found(), serverAccount(machine.uid)]);
      requireMajor(pkg, deployment.topology.postgres.version);
      const reachable = account === undefined || (await canReach(cache, account));
      const postgresCache = reachable ? cache : machine.sharedCacheDir;
      const [binaries, dataDir] = await Promise.all([
        postgresBinaries(pkg, postgresCache, account, signal),
        dataDirFor(layout(deployment.environment), account),
      ]);
      return { binaries, package: pkg, account, dataDir, cache: postgresCache };
    },
  };
}

/** Where the data is already; else beside the other state, or in the machine's folder when the account cannot get there. */
async function dataDirFor(layout: Layout, account: Account | undefined): Promise<string> {
  if (account === undefined) return layout.postgresData;
  const machineData = join(layout.machineDataDir, 'postgres');
  if (await exists(machineData)) return machineData;
  // Data that came along with a copied project, or that another user made, belongs to somebody else: it is taken over.
  const place = (await exists(layout.postgresData)) ? dirname(layout.postgresData) : layout.postgresData;
  return (await canReach(place, account)) ? layout.postgresData : machineData;
}

/** Everything that processDefinitions needs to know. */
export function placementOf(
  nats: Lookup,
  { binaries, dataDir, account }: PostgresParts,
  pipelineDir: string,
): Placement {
  if (nats.found === null)
    throw new DevenvError('NATS_SERVER_ABSENT', 'There is no nats-server on this machine.', {
      hint: 'Run `devenv up`, which gets one, or put nats-server 2.10 or newer on the PATH.',
      details: nats.passed,
    });
  return {
    natsServer: nats.found.program,
    natsVersion: nats.found.version,
    postgres: binaries.postgres,
    postgresData: dataDir,
    ...(account === undefined ? {} : { account: { uid: account.uid, gid: account.gid } }),
    node: process.execPath,
    pipelineDir,
  };
}

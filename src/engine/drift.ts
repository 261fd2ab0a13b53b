import { DevenvError } from '../errors.ts';
import type { TopologyChange } from '../topology/topology-change.ts';
import { accountAccess } from './account-access.ts';
import { type Current, requireCurrent } from './current.ts';
import type { Call, TopologyDiff, TopologyMended } from './engine.ts';
import { refuseFindings } from './preflight.ts';
import type { Project } from './project.ts';
import type { World } from './world.ts';

/** All requests of one comparison together. */
const COMPARE_WITHIN_MS = 15_000;

export async function compare(world: World, project: Project, { signal }: Call): Promise<TopologyDiff> {
  return observed(world, project, await requireCurrent(world, project, signal), signal);
}

async function observed(
  world: World,
  { environment, topology }: Project,
  { deployment }: Current,
  signal: AbortSignal,
): Promise<TopologyDiff> {
  const late = AbortSignal.timeout(COMPARE_WITHIN_MS);
  try {
    const accounts = await world.topology.compare(
      accountAccess(deployment),
      topology,
      AbortSignal.any([signal, late]),
    );
    const same = !accounts.some(({ changes }) => changes.some(needsWork));
    return { environment: environment.name, same, accounts };
  } catch (error) {
    signal.throwIfAborted();
    if (!late.aborted) throw error;
    throw new DevenvError('NOT_READY', `NATS did not answer within ${COMPARE_WITHIN_MS / 1000} s.`, {
      cause: error,
      hint: 'See `devenv status` and `devenv logs nats`.',
    });
  }
}

const needsWork = ({ kind }: TopologyChange): boolean =>
  kind === 'create' || kind === 'update' || kind === 'immutable';

/** Only with the user's word for it. */
const losesData = ({ kind, dangerous }: TopologyChange): boolean => kind === 'immutable' || dangerous;

/** What is told as lost is exactly what is mended afterwards: the server is not asked again in between. */
export async function mend(
  world: World,
  project: Project,
  { allowDataLoss }: { allowDataLoss: boolean },
  call: Call,
): Promise<TopologyMended> {
  const started = world.now();
  await refuseFindings(project, call);
  return world.lock(project.environment, call, async () => {
    const current = await requireCurrent(world, project, call.signal);
    const diff = await observed(world, project, current, call.signal);
    const losses = diff.accounts.flatMap(({ account, changes }) =>
      changes.filter(losesData).map((change) => ({ account, change })),
    );
    if (losses.length > 0 && !allowDataLoss) throw refused(losses);
    const done: TopologyMended['done'][number][] = [];
    try {
      await world.topology.mend(
        accountAccess(current.deployment),
        project.topology,
        diff.accounts,
        (one) => done.push(one),
        call.signal,
      );
    } catch (error) {
      throw done.length > 0 && error instanceof DevenvError ? afterAll(error, done) : error;
    }
    return { environment: diff.environment, done, ms: world.now() - started };
  });
}

function refused(losses: readonly { account: string; change: TopologyChange }[]): DevenvError {
  const accounts = new Set(losses.map(({ account }) => account));
  return new DevenvError(
    'TOPOLOGY_CONFLICT',
    `${losses.length === 1 ? 'One change' : `${losses.length} changes`} would lose data; nothing was changed.`,
    {
      details: losses.map(({ account, change }) =>
        accounts.size > 1 ? `account ${account}: ${lossText(change)}` : lossText(change),
      ),
      hint:
        'Change the declaration back, or run `devenv topology apply --allow-data-loss`, which makes these changes too ' +
        'and deletes and creates again what the server cannot change.',
    },
  );
}

/** `stream MESSAGES: storage file → memory: the server cannot change …; 12 messages (3KiB) are lost` */
export function lossText({ object, field, live, declared, reason, cost }: TopologyChange): string {
  const what = field === undefined ? '' : `${field} ${live} → ${declared}: `;
  return `${object}: ${what}${reason}${cost === undefined ? '' : `; made anew, it loses ${cost}`}`;
}

/** What the server has done stays done, whatever happens afterwards, so it belongs into the error. */
const afterAll = (error: DevenvError, done: TopologyMended['done']): DevenvError =>
  new DevenvError(error.code, error.message, {
    cause: error,
    details: [
      ...error.details,
      ...done.map(
        ({ account, object, action }) => `done before that: ${object} of account ${account} ${action}`,
      ),
    ],
    ...(error.hint !== undefined && { hint: error.hint }),
  });

import type { DevenvEvent } from '../events.ts';
import type { ListrTree } from './listr-tree.ts';
import type { Progress, ProgressOptions } from './progress.ts';
import { createPlain } from './progress-plain.ts';

/** What the tree shows; everything else, and all of it once the tree has ended, is a plain line. */
const IN_TREE: ReadonlySet<DevenvEvent['type']> = new Set([
  'step-started',
  'step-progress',
  'step-done',
  'step-skipped',
  'step-failed',
  'probe-started',
  'probe-hop',
  'probe-done',
]);

/**
 * The tree of a terminal. listr2 is loaded at the first step, so that verbs without steps never pay for it; what
 * happens while it loads is kept and shown then.
 */
export function createTree(options: ProgressOptions): Progress {
  const plain = createPlain({ ...options, quiet: false });
  let kept: DevenvEvent[] = [];
  let loading: Promise<void> | undefined;
  let tree: ListrTree | undefined;
  let ended = false;

  async function load(): Promise<void> {
    const { startListrTree } = await import('./listr-tree.ts');
    tree = await startListrTree(options);
    for (const event of kept) tree.emit(event);
    kept = [];
  }

  return {
    emit(event) {
      if (ended || (loading === undefined && !IN_TREE.has(event.type))) plain.emit(event);
      else if (tree !== undefined) tree.emit(event);
      else {
        kept.push(event);
        loading ??= load();
      }
    },
    async end() {
      if (ended) return;
      // Loading takes some 40 ms; events that come until then still belong to the tree.
      await loading;
      ended = true;
      tree?.end();
    },
    abandon() {
      ended = true;
      tree?.end();
    },
  };
}

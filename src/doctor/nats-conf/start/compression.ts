import { entryOf, goDuration, mapOf, type Placed, textIn } from '../conf-values.ts';
import type { ConfEntry, ConfValue } from '../document.ts';
import { shownDuration } from '../go-durations.ts';
import { goQuoted } from '../go-values.ts';
import { isAtLeast } from '../versions.ts';
import type { StartedConf, StartRefusal } from './started-conf.ts';

const MODES = /^(on|enabled|true|not[ _]supported|disabled|off|false|accept|(s2_)?(auto|fast|better|best))$/i;

/** How connections between servers are compressed: a mode that there is, and at most four ascending thresholds. */
export function* compressionRefusals({ entries, version }: StartedConf): Iterable<StartRefusal> {
  if (!isAtLeast(version, '2.10.0')) return;
  const leaf = mapOf(entryOf(entries, 'leafnodes', 'leaf')) ?? [];
  const remotes = entryOf(leaf, 'remotes')?.value;
  const blocks: (readonly ConfEntry[])[] = [
    leaf,
    ...(remotes?.kind === 'list' ? remotes.items : []).map((item) =>
      item.kind === 'map' ? item.entries : [],
    ),
    mapOf(entryOf(entries, 'cluster')) ?? [],
  ];
  for (const block of blocks) {
    const entry = entryOf(block, 'compression');
    if (entry === undefined) continue;
    const inside = mapOf(entry);
    const mode = inside === undefined ? textIn(block, 'compression') : textIn(inside, 'mode');
    if (mode !== undefined)
      yield* look(mode, inside && entryOf(inside, 'rtt_thresholds', 'thresholds', 'rtts', 'rtt')?.value);
  }
}

function* look(mode: Placed<string>, given: ConfValue | undefined): Iterable<StartRefusal> {
  if (mode.value !== '' && !MODES.test(mode.value))
    yield {
      at: mode.span,
      message: `unsupported compression mode ${goQuoted(mode.value)}`,
      cause: `compression is ${goQuoted(mode.value)}, which is none of its modes.`,
      fix: 'Write off, accept, s2_auto, s2_fast, s2_better or s2_best.',
    };
  if (!/^(s2_)?auto$/i.test(mode.value) || given?.kind !== 'list' || given.items.length === 0) return;
  const limits = given.items.map((item) =>
    Math.max(0, (item.kind === 'string' ? goDuration(item.value) : 0) ?? 0),
  );
  const used = limits.slice(0, limits.findLastIndex((limit) => limit !== 0) + 1);
  const falls = limits.some(
    (limit, index) => limit !== 0 && limits.slice(0, index).some((earlier) => limit < earlier),
  );
  const message = falls
    ? `RTT threshold values [${limits.map((limit) => shownDuration(BigInt(Math.round(limit * 1e6)))).join(' ')}] should be in ascending order`
    : used.length > 4
      ? `compression mode ${goQuoted(mode.value)} should have no more than 4 RTT thresholds`
      : used.length === 0
        ? `compression mode ${goQuoted(mode.value)} requires at least one RTT threshold`
        : null;
  if (message !== null)
    yield {
      at: given.span,
      message,
      cause: `rtt_thresholds has ${used.length} values that count, and there have to be one to four, each above the one before.`,
      fix: 'Write rtt_thresholds: ["10ms", "50ms", "100ms"], or leave it out.',
    };
}

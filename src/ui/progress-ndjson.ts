import type { Progress, ProgressOptions } from './progress.ts';

/** One JSON object per line on stderr: the event with the instant at which it was told. */
export function createNdjson({ stderr, now }: Pick<ProgressOptions, 'stderr' | 'now'>): Progress {
  return {
    emit: (event) => stderr.write(ndjsonLine(event, now())),
    end: async () => {},
    abandon: () => {},
  };
}

export const ndjsonLine = (event: { type: string }, at: number): string =>
  `${JSON.stringify({ at: new Date(at).toISOString(), ...event })}\n`;

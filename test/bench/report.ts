/** One figure of a benchmark: every value that was measured, in the order of the rounds. */
export interface Measurement {
  name: string;
  unit: 'ms' | 'ratio' | 'per second' | 'count';
  values: readonly number[];
  /** What the project promises for the median; printed beside it, never a reason to fail. */
  goal?: { atMost: number } | { atLeast: number };
}

export interface Summary extends Measurement {
  min: number;
  median: number;
  max: number;
  /** null without a goal. */
  met: boolean | null;
}

export function summarise(measurement: Measurement): Summary {
  const sorted = measurement.values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return {
    ...measurement,
    min: sorted[0]!,
    median,
    max: sorted.at(-1)!,
    met: meets(median, measurement.goal),
  };
}

function meets(median: number, goal: Measurement['goal']): boolean | null {
  if (goal === undefined) return null;
  return 'atMost' in goal ? median <= goal.atMost : median >= goal.atLeast;
}

/** Aligned lines: name, median, min–max, goal. */
export function renderTable(summaries: readonly Summary[]): string[] {
  const rows = summaries.map((summary) => [
    summary.name,
    format(summary.median, summary.unit),
    `${format(summary.min, summary.unit)} – ${format(summary.max, summary.unit)}`,
    goalText(summary),
  ]);
  const table = [['', 'median', 'min – max', 'goal'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  '),
  );
}

function goalText({ goal, unit, met }: Summary): string {
  if (goal === undefined) return '';
  const bound = 'atMost' in goal ? `≤ ${format(goal.atMost, unit)}` : `≥ ${format(goal.atLeast, unit)}`;
  return `${bound} ${met ? 'met' : 'missed'}`;
}

function format(value: number, unit: Measurement['unit']): string {
  if (unit === 'ratio') return value.toFixed(2);
  if (unit === 'ms') return `${value.toFixed(0)} ms`;
  return unit === 'per second' ? `${value.toFixed(0)}/s` : value.toFixed(0);
}

import { availableParallelism } from 'node:os';
import { doctor } from './doctor.ts';
import { overlap } from './overlap.ts';
import { type Measurement, renderTable, summarise } from './report.ts';
import { startup } from './startup.ts';
import { throughput } from './throughput.ts';
import { generateLoad, type Load } from './throughput-load.ts';

/** `npm run bench -- [startup|throughput|doctor|overlap] [--json]`; without a name all of them. Prints a table and the same as one line of JSON, or JSON alone. */
const BENCHES: Readonly<Record<string, (say: (line: string) => void) => Promise<Measurement[]>>> = {
  startup,
  throughput,
  doctor,
  overlap,
};

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === 'load') {
    // The load generator of `throughput`: this same file as a process of its own.
    process.stdout.write(JSON.stringify(await generateLoad(JSON.parse(args[1] ?? '') as Load)));
    return;
  }
  const names = args.filter((arg) => arg !== '--json');
  const unknown = names.filter((name) => !(name in BENCHES));
  if (unknown.length > 0) {
    process.stderr.write(`no bench "${unknown.join(' ')}"; there are: ${Object.keys(BENCHES).join(', ')}\n`);
    process.exitCode = 2;
    return;
  }
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const summaries = [];
  for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
    summaries.push(...((await BENCHES[name]?.(say)) ?? []).map(summarise));
  }
  const machine = { node: process.version, cores: availableParallelism(), platform: process.platform };
  const report = { machine, measurements: summaries };
  if (!args.includes('--json')) process.stdout.write(`${renderTable(summaries).join('\n')}\n\n`);
  process.stdout.write(`${JSON.stringify(report, null, args.includes('--json') ? 2 : 0)}\n`);
}

await main(process.argv.slice(2));

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../adapters/deadline.ts';
import { runCommand } from '../postgres/commands.ts';
import type { SourceContext } from './upstream.ts';

/** Newest first: a stable release may carry a server that is too old. */
const SUITES = ['unstable', 'trixie'];

/**
 * The Debian archive that this machine already uses, without root and without touching its apt: private folders, one
 * source line, apt's own keyring, so the package is as verified as any other. Returns the path of the program in
 * `workDir`; throws an Error with the reason.
 */
export async function fromDebian(context: SourceContext): Promise<string> {
  if (context.machine.platform !== 'linux') throw new Error('this is not Debian');
  const site = await archiveSite(context);
  const reasons: string[] = [];
  for (const suite of SUITES) {
    try {
      return await fromSuite(site, suite, context);
    } catch (error) {
      context.signal.throwIfAborted();
      reasons.push(`${suite}: ${messageOf(error)}`);
    }
  }
  throw new Error(reasons.join('; '));
}

/** `https://…/debian`, from the sources that are set up here. */
async function archiveSite({ workDir, signal }: SourceContext): Promise<string> {
  const asked = await runCommand('apt-get', ['indextargets', '--format', '$(SITE)'], {
    cwd: workDir,
    signal,
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new Error(`apt-get: ${messageOf(error)}`);
  });
  const site = siteIn(asked.output);
  if (site === undefined) throw new Error('apt has no Debian archive among its sources');
  return site;
}

/** The main archive among the sites that apt prints, one per line. Pure. */
export function siteIn(output: string): string | undefined {
  const sites = [...new Set(output.split('\n').map((line) => line.trim().replace(/\/+$/, '')))];
  return sites.find((site) => /^https?:\/\/\S+\/debian$/.test(site));
}

async function fromSuite(
  site: string,
  suite: string,
  { workDir, progress, signal }: SourceContext,
): Promise<string> {
  const dir = join(workDir, suite);
  for (const folder of ['lists/partial', 'cache/archives/partial', 'files'])
    await mkdir(join(dir, folder), { recursive: true });
  await writeFile(join(dir, 'sources.list'), `deb ${site} ${suite} main\n`);
  const options = aptOptions(dir);
  const apt = async (...args: string[]) => {
    const { status, output } = await runCommand('apt-get', [...options, ...args], {
      cwd: join(dir, 'files'),
      signal,
    });
    if (status !== 0) throw new Error(firstError(output));
  };
  progress(`reading the package list of Debian ${suite}`);
  await apt('update');
  progress(`downloading nats-server of Debian ${suite}`);
  await apt('download', 'nats-server');
  const file = (await readdir(join(dir, 'files'))).find((name) => /^nats-server_.*\.deb$/.test(name));
  if (file === undefined) throw new Error('apt-get download left no package');
  const { status, output } = await runCommand('dpkg', ['-x', join(dir, 'files', file), join(dir, 'root')], {
    cwd: dir,
    signal,
  });
  if (status !== 0) throw new Error(`dpkg: ${firstError(output)}`);
  return join(dir, 'root', 'usr', 'sbin', 'nats-server');
}

/** Everything apt would write goes into `dir`; its keys and its proxy settings stay those of the machine. Pure. */
export const aptOptions = (dir: string): string[] =>
  [
    `Dir::State::lists=${join(dir, 'lists')}`,
    `Dir::Cache=${join(dir, 'cache')}`,
    `Dir::Etc::sourcelist=${join(dir, 'sources.list')}`,
    'Dir::Etc::sourceparts=/dev/null',
    // As root apt would change to a user of its own, which cannot write here.
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::Retries=0',
    'Acquire::http::Timeout=5',
    'Acquire::https::Timeout=5',
    // Failing to read the list is a failure, not a warning.
    'APT::Update::Error-Mode=any',
  ].flatMap((option) => ['-o', option]);

const firstError = (output: string): string => {
  const lines = output.split('\n').filter(Boolean);
  return (lines.find((line) => line.startsWith('E:')) ?? lines.at(-1) ?? 'no output').trim();
};

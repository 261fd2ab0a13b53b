import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Whom Postgres runs as when devenv itself is root, which Postgres refuses to be. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** `postgres` when the machine has such an account, else `nobody`; from the text of /etc/passwd. Pure. */
export function accountIn(passwd: string): Account | undefined {
  for (const wanted of ['postgres', '_postgres', 'nobody']) {
    const fields = passwd
      .split('\n')
      .map((line) => line.split(':'))
      .find(([name]) => name === wanted);
    const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])];
    // macOS writes nobody as -2; as an unsigned id, which is what setuid(2) takes.
    if (fields !== undefined && Number.isInteger(uid) && uid !== 0 && Number.isInteger(gid))
      return { name: wanted, uid: uid >>> 0, gid: gid >>> 0 };
  }
  return undefined;
}

/** undefined unless we are root. */
export async function serverAccount(
  uid: number | undefined = process.getuid?.(),
): Promise<Account | undefined> {
  if (uid !== 0) return undefined;
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  // An image without accounts: the ids of `nobody` are the same everywhere.
  return accountIn(passwd) ?? { name: 'nobody', uid: 65_534, gid: 65_534 };
}

export interface Permissions {
  uid: number;
  gid: number;
  mode: number;
}

/** Whether an account may search a folder, or run a file: what its class of the mode bits says. Pure. */
export function mayEnter({ uid, gid, mode }: Permissions, account: Account): boolean {
  if (uid === account.uid) return (mode & 0o100) !== 0;
  if (gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/** Whether an account can get to `path`: every folder above it, and itself, lets it in. What is not there does not count. */
export async function canReach(path: string, account: Account): Promise<boolean> {
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined);
    if (found !== undefined && !mayEnter(found, account)) return false;
    if (dirname(at) === at) return true;
  }
}

import { access, constants, readFile, realpath, stat } from 'node:fs/promises';
import { writeFileAtomic } from '../adapters/files.ts';
import type { Examination } from '../doctor/doctor.ts';
import type { FileChange } from '../doctor/fix.ts';
import { DevenvError } from '../errors.ts';

/** Replaces files that the doctor read; all are compared with what was read before the first is written. */
export async function writeChanges(changes: readonly FileChange[], { files }: Examination): Promise<void> {
  const targets = await Promise.all(
    changes.map(async ({ file, before, after }) => {
      const path = files.get(file)?.path;
      if (path === undefined || path === null)
        throw new DevenvError('USAGE', `${file} is not a file that can be written.`);
      // Through a link, so that the link stays one.
      const target = await realpath(path).catch(() => path);
      const now = await readFile(target).catch(() => undefined);
      if (now === undefined || !now.equals(Buffer.from(before))) throw changedMeanwhile(file);
      const { mode, uid, gid } = await stat(target);
      // A new file takes its place, which needs no right to the old one: that has to be asked for.
      const isProtected = (mode & 0o222) === 0 || !(await canWrite(target));
      if (isProtected) throw writeProtected(file);
      return { target, after, mode: mode & 0o7777, owner: { uid, gid } };
    }),
  );
  for (const { target, after, mode, owner } of targets) await writeFileAtomic(target, after, { mode, owner });
}

const canWrite = (path: string): Promise<boolean> =>
  access(path, constants.W_OK).then(
    () => true,
    () => false,
  );

const writeProtected = (file: string): DevenvError =>
  new DevenvError('STATE_UNWRITABLE', `${file} is write-protected.`, {
    hint: `Nothing was written. Run \`chmod u+w ${file}\` first, unless something else makes that file.`,
  });

const changedMeanwhile = (file: string): DevenvError =>
  new DevenvError(
    'FILE_CHANGED',
    `${file} is not as it was read: somebody changed it meanwhile, or it is not UTF-8.`,
    {
      hint: 'Nothing was written. Run the command again to see what is left to fix.',
    },
  );

import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDir, readText, writeFileAtomic } from '../../adapters/files.ts';
import { type RenderedCompose, renderCompose } from '../../render/compose.ts';
import { folderMode, type RenderedFile } from '../../render/rendered-file.ts';
import type { Deployment } from '../../topology/deployment.ts';
import type { Assets } from './assets.ts';
import { contextHash } from './context-hash.ts';

/** A command asks for the same rendering several times, and writing YAML takes tens of milliseconds. */
const rendered = new WeakMap<Deployment, RenderedCompose>();

/** Everything that the deployment says, as files and hashes. */
export function render(deployment: Deployment, assets: Assets): RenderedCompose {
  const known = rendered.get(deployment) ?? renderNow(deployment, assets);
  rendered.set(deployment, known);
  return known;
}

function renderNow(deployment: Deployment, assets: Assets): RenderedCompose {
  const { topology } = deployment;
  const needsApp = topology.services.some(({ source }) => source.kind === 'builtin');
  return renderCompose({
    deployment,
    fragments: assets.fragments,
    appImage: needsApp ? assets.appImage(topology.nodeImage) : '',
    builtImages: builtImages(deployment),
    devenvVersion: assets.version,
  });
}

/** Service → image, for the services with a Dockerfile; the tag changes with the context. */
export function builtImages({ environment, topology }: Deployment): Record<string, string> {
  return Object.fromEntries(
    topology.services.flatMap(({ name, source }) =>
      source.kind === 'build'
        ? [[name, `devenv/${environment.id}-${name}:${contextHash(source.context, source.dockerfile)}`]]
        : [],
    ),
  );
}

/**
 * Writes what changed. A file that is the same keeps its inode, which a running container may have mounted. `kept`: paths
 * that stay as they are when they are there.
 */
export async function writeRendered(
  files: readonly RenderedFile[],
  folder: string,
  kept: ReadonlySet<string> = new Set(),
): Promise<void> {
  const folders = new Set(files.flatMap(({ path }) => parentsOf(path)));
  for (const path of folders) {
    const mode = folderMode(path);
    await ensureDir(join(folder, path), { mode });
    // Whatever the umask: containers read as users of their own, and other users of this machine must not.
    await chmod(join(folder, path), mode);
  }
  await Promise.all(
    files.map(async ({ path, mode, content }) => {
      const target = join(folder, path);
      const present = await readText(target);
      if (kept.has(path) && present !== undefined) return;
      if (present !== content) await writeFileAtomic(target, content, { mode });
      await chmod(target, mode);
    }),
  );
}

/** `tls/client/ca.pem` → `tls`, `tls/client` */
function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}

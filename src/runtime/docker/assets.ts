import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DevenvError } from '../../errors.ts';
import type { RenderedFile } from '../../render/compose.ts';
import type { ComposeFragments } from '../../render/compose-fragments.ts';
import { appContext } from '../../render/compose-standalone.ts';

export interface AssetFolders {
  /** Compose fragments and `app.Dockerfile`. */
  composeDir: string;
  /** The shipped programs: `api.js`, `worker.js`, `migrate.js`, `apply.js`. */
  pipelineDir: string;
  /** Where devenv's own package.json is. */
  packageRoot: string;
}

/** Files that ship with devenv, read when first needed and then kept: hashes are asked for several times a command. */
export class Assets {
  readonly #folders: AssetFolders;
  readonly #kept = new Map<string, unknown>();

  constructor(folders: AssetFolders) {
    this.#folders = folders;
  }

  get fragments(): ComposeFragments {
    return this.#once('fragments', () => {
      const text = (name: string) => readFileSync(join(this.#folders.composeDir, `${name}.yaml`), 'utf8');
      return { nats: text('nats'), postgres: text('postgres'), api: text('api'), worker: text('worker') };
    });
  }

  get dockerfile(): string {
    return this.#once('dockerfile', () =>
      readFileSync(join(this.#folders.composeDir, 'app.Dockerfile'), 'utf8'),
    );
  }

  get programs(): Readonly<Record<string, string>> {
    return this.#once('programs', () => {
      const { pipelineDir } = this.#folders;
      try {
        const names = readdirSync(pipelineDir).filter((name) => name.endsWith('.js'));
        if (names.length > 0)
          return Object.fromEntries(
            names.map((name) => [name, readFileSync(join(pipelineDir, name), 'utf8')]),
          );
      } catch (error) {
        throw unbuilt(pipelineDir, error);
      }
      throw unbuilt(pipelineDir);
    });
  }

  get version(): string {
    return this.#once(
      'version',
      () => JSON.parse(readFileSync(join(this.#folders.packageRoot, 'package.json'), 'utf8')).version,
    );
  }

  /** The build context of the pipeline image. */
  get context(): readonly RenderedFile[] {
    return this.#once('context', () => appContext({ dockerfile: this.dockerfile, programs: this.programs }));
  }

  /**
   * Name of the pipeline's image on a base: the same content has the same name, so it is built once. The base counts by
   * name here; that a newer base came under the same name is seen from the image's label (see missing-images.ts).
   */
  appImage(nodeImage: string): string {
    return this.#once(`image ${nodeImage}`, () => {
      const hash = createHash('sha256').update(nodeImage);
      for (const { path, content } of this.context) hash.update(`\0${path}\0`).update(content);
      return `devenv/pipeline:${hash.digest('hex').slice(0, 12)}`;
    });
  }

  #once<T>(key: string, read: () => T): T {
    if (!this.#kept.has(key)) this.#kept.set(key, read());
    return this.#kept.get(key) as T;
  }
}

const unbuilt = (folder: string, cause?: unknown): DevenvError =>
  new DevenvError('BUILD_FAILED', `The shipped pipeline is not built: ${folder} has no programs.`, {
    hint: 'Run `npm run build` in the checkout.',
    cause,
  });

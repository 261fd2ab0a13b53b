/** A file of a rendered environment; `path` is relative to its folder. */
export interface RenderedFile {
  path: string;
  mode: number;
  content: string;
}

/**
 * Mode of a folder that rendered files are in. `env` and `tls` are closed to other users of this machine; what is in
 * `tls/client` is mounted into containers whose user may be anybody.
 */
export const folderMode = (path: string): number =>
  /^(env|tls)(\/|$)/.test(path) && path !== 'tls/client' ? 0o700 : 0o755;

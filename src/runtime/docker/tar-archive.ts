import type { RenderedFile } from '../../render/compose.ts';

const BLOCK = 512;

/**
 * A build context of plain files as a tar archive, ustar format (POSIX.1-1988). Owner and time are fixed, so that the same
 * files are the same bytes and the engine's build cache recognises them.
 */
export function tarArchive(files: readonly RenderedFile[]): Buffer {
  const parts = files.flatMap(({ path, mode, content }) => {
    const body = Buffer.from(content);
    return [header(path, mode, body.length), body, Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header(path: string, mode: number, size: number): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`"${path}" is too long a name for a build context`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at);
  block.write(path, 0);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\u000000', 257);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  block.write(' ', 155);
  return block;
}

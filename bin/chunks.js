// Loads the CLI: chunks that scripts/build-cli.js made, each a function of CommonJS's variables, and beside each what V8
// compiled of it when devenv was built. Parsing and compiling is half of what a short verb takes, and Node 20 keeps none
// of it for ES modules.
//
// V8 itself refuses what another version or other flags made, but trusts what it takes: it would crash on a damaged file
// and run the old code of a chunk that has changed. So a checksum of both comes first. Where there is nothing to trust,
// V8 compiles. Nothing is ever written here: an installation may be read-only, and shared.
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');

/** What V8 compiled of a chunk lies in a file of this name. */
const compiledOf = (file) => `${file}.v8`;

/** Eight bytes, because V8 wants what follows to begin at a multiple of that. */
const SEAL_BYTES = 8;

/** `compiled` hears of every script that was loaded; scripts/keep-compiled.js listens. */
function openChunks(compiled = () => {}) {
  const modules = new Map();

  function load(file) {
    const known = modules.get(file);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    modules.set(file, module);
    try {
      const bytes = readFileSync(file);
      // Chunks are written in ASCII, so this is their text, and V8 has half as much to read as in two bytes each.
      const script = new Script(bytes.latin1Slice(), { filename: file, cachedData: trusted(file, bytes) });
      compiled(file, script);
      const requireFrom = (name) => (name.startsWith('.') ? load(join(dirname(file), name)) : require(name));
      script.runInThisContext()(module.exports, requireFrom, module, pathToFileURL(file).href);
    } catch (error) {
      modules.delete(file);
      throw error;
    }
    return module.exports;
  }

  return { load };
}

const checksum = (source, code) => crc32(code, crc32(source));

/** What is kept of a chunk, as it is written. */
function sealed(source, code) {
  const seal = Buffer.alloc(SEAL_BYTES);
  seal.writeUInt32LE(checksum(source, code));
  return Buffer.concat([seal, code]);
}

function trusted(file, source) {
  let kept;
  try {
    kept = readFileSync(compiledOf(file));
  } catch {
    return undefined;
  }
  const code = kept.subarray(SEAL_BYTES);
  return code.length > 0 && kept.readUInt32LE() === checksum(source, code) ? code : undefined;
}

module.exports = { openChunks, compiledOf, sealed };

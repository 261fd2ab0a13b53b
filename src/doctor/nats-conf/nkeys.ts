const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** First byte of a decoded public key. */
const PREFIXES = {
  user: 20 << 3,
  account: 0,
  operator: 14 << 3,
  curve: 23 << 3,
  server: 13 << 3,
  cluster: 2 << 3,
} as const;

const SEED = 18 << 3;

export type KeyKind = keyof typeof PREFIXES;

/** Is it a public nkey of that kind: base32, the kind's first byte, 32 bytes, CRC-16? */
export function isPublicKey(text: string, kind: KeyKind): boolean {
  const bytes = decode(text);
  return bytes !== null && bytes.length === 33 && bytes[0] === PREFIXES[kind];
}

/** Of any kind. */
export const isAnyPublicKey = (text: string): boolean =>
  (Object.keys(PREFIXES) as KeyKind[]).some((kind) => isPublicKey(text, kind));

/** Is it the seed of a user's key? */
export function isUserSeed(text: string): boolean {
  const bytes = decode(text);
  if (bytes === null || bytes.length < 2) return false;
  return (bytes[0]! & 248) === SEED && (((bytes[0]! & 7) << 5) | ((bytes[1]! & 248) >> 3)) === PREFIXES.user;
}

/** The bytes without their checksum, null when there is something wrong with them. */
function decode(text: string): Uint8Array | null {
  const bytes: number[] = [];
  let bits = 0;
  let buffer = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value === -1) return null;
    buffer = ((buffer << 5) | value) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((buffer >> bits) & 0xff);
  }
  if (bytes.length < 4 || [1, 3, 6].includes(text.length % 8)) return null;
  const data = Uint8Array.from(bytes.slice(0, -2));
  return crc16(data) === (bytes.at(-2)! | (bytes.at(-1)! << 8)) ? data : null;
}

/** CRC-16/XMODEM */
function crc16(data: Uint8Array): number {
  let crc = 0;
  for (const byte of data) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1)
      crc = ((crc & 0x8000) !== 0 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}

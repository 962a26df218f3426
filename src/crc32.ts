/** CRC-32 of ISO 3309, bit by bit over a table of 16. */
export function crc32(bytes: Uint8Array): number {
  const table = Array.from({ length: 16 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 4; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = table[(crc ^ byte) & 15] ^ (crc >>> 4);
    crc = table[(crc ^ (byte >>> 4)) & 15] ^ (crc >>> 4);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

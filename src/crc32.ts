/** CRC-32 of ISO 3309, bit by bit over a table of 16. */
export const crc32 = (bytes: Uint8Array): number => crc(bytes, 0xedb88320);

/** CRC-32C of Castagnoli (RFC 3720). */
export const crc32c = (bytes: Uint8Array): number => crc(bytes, 0x82f63b78);

function crc(bytes: Uint8Array, polynomial: number): number {
  const table = Array.from({ length: 16 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 4; k++) c = c & 1 ? polynomial ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  let value = 0xffffffff;
  for (const byte of bytes) {
    value = table[(value ^ byte) & 15] ^ (value >>> 4);
    value = table[(value ^ (byte >>> 4)) & 15] ^ (value >>> 4);
  }
  return (value ^ 0xffffffff) >>> 0;
}

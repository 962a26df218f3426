/**
 * WAV files as samples: PCM of 8, 16, 24 and 32 bits, floats of 32 and 64 bits, A-law and mu-law, any number of channels.
 * Sources: Microsoft's RIFF WAVE (WAVE_FORMAT_EXTENSIBLE), ITU-T G.711.
 */
import { GradloomError } from '../../errors';
import { type DataSource, readSource } from '../source';

/** Sound: a `Float32Array` per channel, from -1 to 1. */
export interface Sound {
  sampleRate: number;
  channels: Float32Array[];
}

const [PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE] = [1, 3, 6, 7, 0xfffe];

/**
 * Reads a WAV file; whole numbers become fractions of full scale, as torchaudio.load gives them.
 * @throws GradloomError (code `data`): no WAV, a damaged or truncated one, compressed sound.
 */
export async function loadWav(source: DataSource): Promise<Sound> {
  const { name, bytes } = await readSource(source);
  return decodeWav(bytes, name);
}

/** As {@link loadWav}, of bytes in memory. */
export function decodeWav(bytes: Uint8Array, name = 'sound'): Sound {
  const refuse = (got: string, expected: string, fix?: string) =>
    new GradloomError({ code: 'data', op: 'decodeWav', argument: name, got, expected, fix });
  if (!(bytes instanceof Uint8Array)) throw refuse('no bytes', 'the bytes of a WAV file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 12 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') {
    const fix = 'Convert the sound to WAV, for example with ffmpeg -i sound.mp3 sound.wav';
    throw refuse('without the signature of WAV', 'RIFF and WAVE at its start', fix);
  }
  let format: { code: number; channels: number; sampleRate: number; align: number; bits: number } | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const [kind, given] = [tag(at), view.getUint32(at + 4, true)];
    const start = at + 8;
    if (kind === 'fmt ') {
      if (given < 16 || start + given > bytes.length) throw refuse('cut off in its format', 'a whole file');
      const code = view.getUint16(start, true);
      format = {
        code: code === EXTENSIBLE && given >= 26 ? view.getUint16(start + 24, true) : code,
        channels: view.getUint16(start + 2, true),
        sampleRate: view.getUint32(start + 4, true),
        align: view.getUint16(start + 12, true),
        bits: view.getUint16(start + 14, true),
      };
    } else if (kind === 'data') {
      if (!format) throw refuse('samples before their format', 'the chunk "fmt " before "data"');
      // Streams that were never finished state no size, or the largest.
      const isOpen = given === 0 || given === 0xffffffff;
      if (!isOpen && start + given > bytes.length) {
        throw refuse(`${bytes.length - start} of ${given} bytes of samples`, 'a whole file');
      }
      const read = readerOf(format.code, format.bits, view);
      const { channels: count, sampleRate, align } = format;
      if (!read || count === 0 || sampleRate === 0 || align < (count * format.bits) / 8) {
        const got = `format ${format.code} with ${format.bits} bits, ${count} channels, ${sampleRate} Hz`;
        throw refuse(got, 'PCM, floats, A-law or mu-law', 'Convert it to PCM of 16 bits');
      }
      const frames = Math.floor((isOpen ? bytes.length - start : given) / align);
      const width = align / count;
      const channels = Array.from({ length: count }, (_, c) =>
        Float32Array.from({ length: frames }, (_, i) => read(start + i * align + c * width)),
      );
      return { sampleRate, channels };
    }
    // Chunks begin at even places.
    at = start + given + (given % 2);
  }
  throw refuse('without samples', 'a chunk "data"');
}

function readerOf(code: number, bits: number, view: DataView): ((at: number) => number) | undefined {
  if (code === PCM && bits === 8) return (at) => (view.getUint8(at) - 128) / 2 ** 7;
  if (code === PCM && bits === 16) return (at) => view.getInt16(at, true) / 2 ** 15;
  if (code === PCM && bits === 24)
    return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 2 ** 16) / 2 ** 23;
  if (code === PCM && bits === 32) return (at) => view.getInt32(at, true) / 2 ** 31;
  if (code === FLOAT && bits === 32) return (at) => view.getFloat32(at, true);
  if (code === FLOAT && bits === 64) return (at) => view.getFloat64(at, true);
  if (code === A_LAW && bits === 8) return (at) => fromALaw(view.getUint8(at)) / 2 ** 15;
  if (code === MU_LAW && bits === 8) return (at) => fromMuLaw(view.getUint8(at)) / 2 ** 15;
  return undefined;
}

function fromMuLaw(stored: number): number {
  const byte = ~stored & 0xff;
  const value = (((byte & 15) << 3) + 132) * 2 ** ((byte >> 4) & 7) - 132;
  return byte & 128 ? -value : value;
}

function fromALaw(stored: number): number {
  const byte = stored ^ 0x55;
  const exponent = (byte >> 4) & 7;
  const mantissa = ((byte & 15) << 4) + 8;
  const value = exponent === 0 ? mantissa : (mantissa + 256) * 2 ** (exponent - 1);
  return byte & 128 ? value : -value;
}

/** The mean of the channels. */
export function toMono({ channels }: Sound): Float32Array {
  return Float32Array.from(channels[0], (_, i) => {
    return channels.reduce((sum, channel) => sum + channel[i], 0) / channels.length;
  });
}

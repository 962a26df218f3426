import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  amplitudeToDb,
  decodeWav,
  hzToMel,
  melFilterbank,
  melSpectrogram,
  melToHz,
  spectrogram,
  toMono,
} from '.';

interface Case {
  length: number;
  options: object;
  shape: [number, number];
  values: number[];
}
const fixture = new URL('../../../e2e/goldens/fixtures/data/audio.json', import.meta.url);
const cases: Case[] = JSON.parse(readFileSync(fixture, 'utf8'));
const signal = (length: number) =>
  Float64Array.from({ length }, (_, n) => Math.sin(n * 0.31) + 0.5 * Math.sin(n * n * 0.002) + 0.1);

describe('spectrogram', () => {
  it.each(cases)('is that of torch.stft: $options', ({ length, options, shape, values }) => {
    const found = spectrogram(signal(length), options);
    expect(found.shape).toEqual(shape);
    const most = Math.max(...values);
    values.forEach((value, i) => {
      expect(Math.abs(found.data[17 * i] - value)).toBeLessThan(1e-6 * most);
    });
  });

  it('refuses options that do not fit, and sound that is too short', () => {
    expect(() => spectrogram(signal(100), { nfft: 10 } as object)).toThrow(/Did you mean nFft/);
    expect(() => spectrogram(signal(100), { nFft: 10, winLength: 11 })).toThrow(/at most nFft, 10/);
    expect(() => spectrogram(signal(100))).toThrow(/100 samples.*201 at least/);
  });
});

describe('mel scales', () => {
  it('are those of HTK and Slaney', () => {
    expect(hzToMel(1000)).toBeCloseTo(999.9855, 3);
    expect([hzToMel(1000, 'slaney'), hzToMel(6400, 'slaney')]).toEqual([
      expect.closeTo(15, 9),
      expect.closeTo(42, 9),
    ]);
    for (const scale of ['htk', 'slaney'] as const) {
      for (const hz of [0, 60, 999, 1001, 7000])
        expect(melToHz(hzToMel(hz, scale), scale)).toBeCloseTo(hz, 6);
    }
  });

  it('have triangles that add up to one between the first and the last peak', () => {
    const bands = 257;
    const filters = melFilterbank(bands, { sampleRate: 16000, nMels: 20 });
    const sums = Array.from({ length: bands }, (_, k) =>
      filters.slice(k * 20, k * 20 + 20).reduce((a, b) => a + b),
    );
    for (const sum of sums.slice(8, 220)) expect(sum).toBeCloseTo(1, 5);
    // librosa: filters of Slaney's norm have the area 1.
    const normed = melFilterbank(4001, { sampleRate: 8000, nMels: 12, melScale: 'slaney', norm: 'slaney' });
    for (let m = 0; m < 12; m++) {
      let area = 0;
      for (let k = 0; k < 4001; k++) area += normed[k * 12 + m];
      expect(area).toBeCloseTo(1, 2);
    }
  });

  it('put a tone where it belongs', () => {
    const tone = Float32Array.from({ length: 4000 }, (_, n) => Math.sin((2 * Math.PI * 1000 * n) / 16000));
    const { shape, data } = melSpectrogram(tone, { nMels: 40 });
    expect(shape).toEqual([40, 21]);
    const column = Array.from({ length: 40 }, (_, m) => data[m * 21 + 10]);
    const peak = column.indexOf(Math.max(...column));
    const step = hzToMel(8000) / 41;
    expect(Math.abs((peak + 1) * step - hzToMel(1000))).toBeLessThan(step);
    const db = amplitudeToDb({ shape, data }, { topDb: 30 }).data;
    expect(Math.max(...db) - Math.min(...db)).toBeCloseTo(30, 4);
  });
});

/** A WAV file of interleaved samples. */
function wav(
  code: number,
  bits: number,
  channels: number,
  samples: number[],
  extensible = false,
): Uint8Array {
  const width = bits / 8;
  const head = extensible ? 40 : 16;
  const bytes = new Uint8Array(28 + head + samples.length * width + 10);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string) =>
    bytes.set(
      [...value].map((c) => c.charCodeAt(0)),
      at,
    );
  text(0, 'RIFF');
  text(8, 'WAVE');
  text(12, 'LIST');
  view.setUint32(16, 1, true); // an odd chunk and its padding
  text(22, 'fmt ');
  view.setUint32(26, head, true);
  view.setUint16(30, extensible ? 0xfffe : code, true);
  view.setUint16(32, channels, true);
  view.setUint32(34, 8000, true);
  view.setUint16(42, channels * width, true);
  view.setUint16(44, bits, true);
  if (extensible) view.setUint16(54, code, true);
  const at = 30 + head;
  text(at, 'data');
  view.setUint32(at + 4, samples.length * width, true);
  samples.forEach((sample, i) => {
    const place = at + 8 + i * width;
    if (code === 3 && bits === 32) view.setFloat32(place, sample, true);
    else if (code === 3) view.setFloat64(place, sample, true);
    else for (let b = 0; b < width; b++) view.setUint8(place + b, (sample >> (8 * b)) & 255);
  });
  return bytes;
}

describe('decodeWav', () => {
  it('reads whole numbers of every width as fractions of full scale', () => {
    expect(decodeWav(wav(1, 8, 1, [0, 128, 255])).channels[0]).toEqual(Float32Array.of(-1, 0, 127 / 128));
    expect(decodeWav(wav(1, 16, 1, [-32768, 0, 16384])).channels[0]).toEqual(Float32Array.of(-1, 0, 0.5));
    expect(decodeWav(wav(1, 24, 1, [-(2 ** 23), -1, 2 ** 22])).channels[0]).toEqual(
      Float32Array.of(-1, -(2 ** -23), 0.5),
    );
    expect(decodeWav(wav(1, 32, 1, [-(2 ** 31), 2 ** 30])).channels[0]).toEqual(Float32Array.of(-1, 0.5));
    expect(decodeWav(wav(7, 8, 1, [0xff, 0x00, 0x80])).channels[0]).toEqual(
      Float32Array.of(0, -32124 / 32768, 32124 / 32768),
    );
    expect(decodeWav(wav(6, 8, 1, [0xd5, 0x2a])).channels[0]).toEqual(
      Float32Array.of(8 / 32768, -32256 / 32768),
    );
  });
  it('reads floats, several channels and the extensible format', () => {
    const stereo = decodeWav(wav(3, 32, 2, [0.25, -1, 0.5, 1], true));
    expect([stereo.sampleRate, stereo.channels]).toEqual([
      8000,
      [Float32Array.of(0.25, 0.5), Float32Array.of(-1, 1)],
    ]);
    expect(toMono(stereo)).toEqual(Float32Array.of(-0.375, 0.75));
    expect(decodeWav(wav(3, 64, 1, [0.125])).channels[0]).toEqual(Float32Array.of(0.125));
  });
  it('refuses what is no whole WAV', () => {
    const sound = wav(1, 16, 1, [1, 2, 3]);
    expect(() => decodeWav(sound.subarray(0, 56), 'a.wav')).toThrow(/a.wav is \d+ of 6 bytes of samples/);
    expect(() => decodeWav(new Uint8Array(40))).toThrow(/signature of WAV/);
    expect(() => decodeWav(wav(2, 16, 1, [1]))).toThrow(/format 2 with 16 bits/);
  });
});

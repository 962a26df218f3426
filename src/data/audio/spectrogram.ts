/**
 * Spectrograms of sound with torchaudio's options, defaults and definitions: short-time Fourier transform with a periodic Hann
 * window, mel scales, decibels. Sources: torch.stft, torchaudio.functional (melscale_fbanks, amplitude_to_DB).
 */
import { checkCount, checkOptions } from '../../checks';
import { GradloomError, showValue } from '../../errors';
import { Fft } from './fft';

export interface SpectrogramOptions {
  /** Samples of a frame's transform. Default 400. */
  nFft?: number;
  /** Samples of the window, in the middle of the frame. Default nFft. */
  winLength?: number;
  /** Samples from one frame to the next. Default winLength / 2. */
  hopLength?: number;
  /** Samples added on both sides, zero. Default 0. */
  pad?: number;
  /** Exponent of the magnitude: 2 for power (default), 1 for magnitude. */
  power?: number;
  /** Whether frame t is around sample t * hopLength, with the sound reflected beyond its ends. Default true. */
  center?: boolean;
  /** Whether magnitudes are divided by the root of the sum of the squared window. Default false. */
  normalized?: boolean;
}

export interface MelOptions extends SpectrogramOptions {
  sampleRate?: number;
  /** Default 128. */
  nMels?: number;
  /** Lowest frequency. Default 0. */
  fMin?: number;
  /** Highest frequency. Default half the sample rate. */
  fMax?: number;
  /** 'htk' (default) or 'slaney'. */
  melScale?: 'htk' | 'slaney';
  /** 'slaney' divides each filter by its width. Default none. */
  norm?: 'slaney' | null;
}

/** Values of `[bands, frames]`. */
export interface Spectrogram {
  shape: [bands: number, frames: number];
  data: Float32Array<ArrayBuffer>;
}

const SPECTROGRAM_OPTIONS: (keyof SpectrogramOptions)[] = [
  'nFft',
  'winLength',
  'hopLength',
  'pad',
  'power',
  'center',
  'normalized',
];

const refuse = (op: string, argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op, argument, got, expected, fix });

/**
 * |STFT|^power of one channel: `[nFft / 2 + 1, frames]`.
 * @throws GradloomError `argument` for options that do not fit each other, and for sound that is shorter than a frame needs.
 */
export function spectrogram(signal: ArrayLike<number>, options: SpectrogramOptions = {}): Spectrogram {
  const op = 'spectrogram';
  checkOptions(op, options, SPECTROGRAM_OPTIONS);
  const { nFft = 400, pad = 0, power = 2, center = true, normalized = false } = options;
  const { winLength = nFft } = options;
  const { hopLength = Math.floor(winLength / 2) } = options;
  for (const [name, value] of Object.entries({ nFft, winLength, hopLength })) checkCount(op, name, value);
  if (winLength > nFft) throw refuse(op, 'winLength', String(winLength), `at most nFft, ${nFft}`);
  if (!(Number.isInteger(pad) && pad >= 0)) throw refuse(op, 'pad', showValue(pad), 'a whole number from 0');
  if (!(power > 0 && Number.isFinite(power))) throw refuse(op, 'power', showValue(power), 'a number above 0');
  if (!Number.isInteger(signal?.length)) throw refuse(op, 'signal', showValue(signal), 'a list of samples');
  const padded = new Float64Array(signal.length + 2 * pad);
  for (let i = 0; i < signal.length; i++) padded[pad + i] = signal[i];
  const reach = center ? Math.floor(nFft / 2) : 0;
  const least = center ? reach + 1 : nFft;
  if (padded.length < least) {
    throw refuse(
      op,
      'signal',
      `${signal.length} samples`,
      `${least} at least`,
      'Lower nFft, or pad the sound',
    );
  }
  const at = (i: number) => {
    const within = i < 0 ? -i : i;
    return padded[within < padded.length ? within : 2 * (padded.length - 1) - within];
  };
  const window = hann(winLength);
  const offset = Math.floor((nFft - winLength) / 2);
  const frames = 1 + Math.floor((padded.length + 2 * reach - nFft) / hopLength);
  const bands = Math.floor(nFft / 2) + 1;
  const norm = normalized ? Math.sqrt(window.reduce((sum, w) => sum + w * w, 0)) : 1;
  const data = new Float32Array(bands * frames);
  const fft = new Fft(nFft);
  const frame = new Float64Array(nFft);
  for (let t = 0; t < frames; t++) {
    for (let i = 0; i < winLength; i++) {
      frame[offset + i] = window[i] * at(t * hopLength - reach + offset + i);
    }
    const { re, im } = fft.transform(frame);
    for (let k = 0; k < bands; k++) data[k * frames + t] = (Math.hypot(re[k], im[k]) / norm) ** power;
  }
  return { shape: [bands, frames], data };
}

/** Periodic: the window of one sample more, without its last. */
function hann(size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
}

/** The power in bands of the mel scale: `[nMels, frames]`. */
export function melSpectrogram(signal: ArrayLike<number>, options: MelOptions = {}): Spectrogram {
  const own = ['sampleRate', 'nMels', 'fMin', 'fMax', 'melScale', 'norm'] as const;
  checkOptions('melSpectrogram', options, [...SPECTROGRAM_OPTIONS, ...own]);
  const { sampleRate = 16000, nMels = 128, fMin, fMax, melScale, norm, ...rest } = options;
  const { shape, data } = spectrogram(signal, rest);
  const [bands, frames] = shape;
  const filters = melFilterbank(bands, { sampleRate, nMels, fMin, fMax, melScale, norm });
  const mel = new Float32Array(nMels * frames);
  for (let m = 0; m < nMels; m++) {
    for (let k = 0; k < bands; k++) {
      const weight = filters[k * nMels + m];
      if (weight === 0) continue;
      for (let t = 0; t < frames; t++) mel[m * frames + t] += weight * data[k * frames + t];
    }
  }
  return { shape: [nMels, frames], data: mel };
}

/**
 * Triangular filters `[bands, nMels]` over the frequencies 0 to sampleRate / 2.
 * @throws GradloomError `argument` for frequencies out of order.
 */
export function melFilterbank(
  bands: number,
  options: Pick<MelOptions, 'sampleRate' | 'nMels' | 'fMin' | 'fMax' | 'melScale' | 'norm'> = {},
): Float32Array {
  const op = 'melFilterbank';
  checkOptions(op, options, ['sampleRate', 'nMels', 'fMin', 'fMax', 'melScale', 'norm']);
  const { sampleRate = 16000, nMels = 128, fMin = 0, melScale = 'htk', norm = null } = options;
  const { fMax = Math.floor(sampleRate / 2) } = options;
  for (const [name, value] of Object.entries({ bands, nMels })) checkCount(op, name, value);
  if (!(sampleRate > 0)) throw refuse(op, 'sampleRate', showValue(sampleRate), 'a number above 0');
  if (!(fMin >= 0 && fMin < fMax)) throw refuse(op, 'fMin', `${fMin}, with fMax ${fMax}`, 'less than fMax');
  if (melScale !== 'htk' && melScale !== 'slaney')
    throw refuse(op, 'melScale', showValue(melScale), "'htk' or 'slaney'");
  if (norm !== null && norm !== 'slaney') throw refuse(op, 'norm', showValue(norm), "null or 'slaney'");
  const [low, high] = [hzToMel(fMin, melScale), hzToMel(fMax, melScale)];
  const edges = Array.from({ length: nMels + 2 }, (_, i) =>
    melToHz(low + ((high - low) * i) / (nMels + 1), melScale),
  );
  const filters = new Float32Array(bands * nMels);
  for (let k = 0; k < bands; k++) {
    const frequency = ((sampleRate / 2) * k) / Math.max(1, bands - 1);
    for (let m = 0; m < nMels; m++) {
      const rising = (frequency - edges[m]) / (edges[m + 1] - edges[m]);
      const falling = (edges[m + 2] - frequency) / (edges[m + 2] - edges[m + 1]);
      const width = norm === 'slaney' ? 2 / (edges[m + 2] - edges[m]) : 1;
      filters[k * nMels + m] = width * Math.max(0, Math.min(rising, falling));
    }
  }
  return filters;
}

/** Where Slaney's scale turns from linear to logarithmic, and its steps. */
const [TURN_HZ, LINEAR_STEP, LOG_STEP] = [1000, 200 / 3, Math.log(6.4) / 27];

/** Hertz on a mel scale. */
export function hzToMel(hz: number, scale: 'htk' | 'slaney' = 'htk'): number {
  if (scale === 'htk') return 2595 * Math.log10(1 + hz / 700);
  return hz < TURN_HZ ? hz / LINEAR_STEP : TURN_HZ / LINEAR_STEP + Math.log(hz / TURN_HZ) / LOG_STEP;
}

/** The way back from {@link hzToMel}. */
export function melToHz(mel: number, scale: 'htk' | 'slaney' = 'htk'): number {
  if (scale === 'htk') return 700 * (10 ** (mel / 2595) - 1);
  const turn = TURN_HZ / LINEAR_STEP;
  return mel < turn ? mel * LINEAR_STEP : TURN_HZ * Math.exp(LOG_STEP * (mel - turn));
}

/**
 * Decibels of power (`stype` 'power', default) or magnitude, at most `topDb` below the loudest.
 * @throws GradloomError `argument` for unknown options.
 */
export function amplitudeToDb(
  { shape, data }: Spectrogram,
  options: { stype?: 'power' | 'magnitude'; topDb?: number } = {},
): Spectrogram {
  checkOptions('amplitudeToDb', options, ['stype', 'topDb']);
  const { stype = 'power', topDb } = options;
  if (stype !== 'power' && stype !== 'magnitude') {
    throw refuse('amplitudeToDb', 'stype', showValue(stype), "'power' or 'magnitude'");
  }
  const factor = stype === 'power' ? 10 : 20;
  const db = data.map((value) => factor * Math.log10(Math.max(value, 1e-10)));
  if (topDb === undefined) return { shape, data: db };
  if (!(topDb >= 0)) throw refuse('amplitudeToDb', 'topDb', showValue(topDb), 'a number from 0');
  const loudest = db.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return { shape, data: db.map((value) => Math.max(value, loudest - topDb)) };
}

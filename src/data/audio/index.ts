/** Sound as training data: WAV files, spectrograms. */
export {
  amplitudeToDb,
  hzToMel,
  type MelOptions,
  melFilterbank,
  melSpectrogram,
  melToHz,
  type Spectrogram,
  type SpectrogramOptions,
  spectrogram,
} from './spectrogram';
export { decodeWav, loadWav, type Sound, toMono } from './wav';

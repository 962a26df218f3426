/** Generation: what follows a prompt, what an encoder-decoder makes of a source, which labels a tagger gives. */
export { Generator } from './generator';
export type {
  BeamStrategy,
  Generated,
  GenerateOptions,
  GreedyStrategy,
  Hypothesis,
  SampleStrategy,
  Strategy,
} from './options';
export { samplingDistribution } from './sampling';
export { decodeTags, type TagOptions, type TagSequence } from './tags';

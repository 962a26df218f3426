/** Ready models: modules where they need more than a sequence of layers, specs (JSON) where they do not. */
import { lenetSpec } from './lenet';
import { mlpSpec } from './mlp';

export { GPT, type GPTOptions } from './gpt';
export type { ModelSpec } from './model-spec';
export { type CellType, RecurrentLM, type RecurrentLMOptions } from './recurrent-lm';
export { ResNet, type ResNetOptions } from './resnet';
export { Seq2Seq, type Seq2SeqOptions } from './seq2seq';
export { SequenceTagger, type SequenceTaggerOptions } from './tagger';
export { lenetSpec, mlpSpec };

/** Specs by name, as the command line and the demos offer them. */
export const modelSpecs = { lenet: lenetSpec, mlp: mlpSpec };

/** Ready models: modules where they need more than a sequence of layers, specs (JSON) where they do not. */
import { lenetSpec } from './lenet';
import { mlpSpec } from './mlp';

export { AlexNet } from './alexnet';
export { autoencoderSpec } from './autoencoder';
export { cnnSpec } from './cnn';
export { type Combination, Ensemble, type EnsembleOptions } from './ensemble';
export { GoogLeNet, type GoogLeNetOptions } from './googlenet';
export { GPT, type GPTOptions } from './gpt';
export type { ImageModelOptions, MobileNetOptions } from './image-model';
export { mobilenetV1Spec } from './mobilenet-v1';
export { MobileNetV2, type MobileNetV2Options } from './mobilenet-v2';
export type { ModelSpec } from './model-spec';
export { type ReadyModel, readyModels } from './ready';
export { type CellType, RecurrentLM, type RecurrentLMOptions } from './recurrent-lm';
export { ResNet, type ResNetOptions } from './resnet';
export { Seq2Seq, type Seq2SeqOptions } from './seq2seq';
export {
  bilstmClassifierSpec,
  convAttentionLstmSpec,
  encoderClassifierSpec,
  seriesRegressorSpec,
} from './sequence-specs';
export { SequenceTagger, type SequenceTaggerOptions } from './tagger';
export { VGG, type VGGOptions } from './vgg';
export { lenetSpec, mlpSpec };

/** Specs by name, as the command line and the demos offer them. */
export const modelSpecs = { lenet: lenetSpec, mlp: mlpSpec };

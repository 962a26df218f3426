/** Ready models: modules where they need more than a sequence of layers, specs (JSON) where they do not. */
export { GPT, type GPTOptions } from './gpt';
export { lenetSpec } from './lenet';
export { mlpSpec } from './mlp';
export type { ModelSpec } from './model-spec';
export { ResNet, type ResNetOptions } from './resnet';

/** Ready models: modules where they need more than a sequence of layers, specs (JSON) where they do not. */
import { lenetSpec } from './lenet';
import { mlpSpec } from './mlp';

export { GPT, type GPTOptions } from './gpt';
export type { ModelSpec } from './model-spec';
export { ResNet, type ResNetOptions } from './resnet';
export { lenetSpec, mlpSpec };

/** Specs by name, as the command line and the demos offer them. */
export const modelSpecs = { lenet: lenetSpec, mlp: mlpSpec };

/** Transfer: weights of other models, other heads, low-rank adaptation, distillation. */

export { Distillation, type DistillationOptions } from './distillation';
export { applyLora, type Lora, type LoraOptions } from './lora';
export { loadPeft, type PeftFiles, type PeftSource, toPeftFiles } from './lora-files';
export { loadPretrained, type PretrainedOptions, type PretrainedReport } from './pretrained';
export { type LayerwiseRatesOptions, layerwiseRates } from './rates';
export { replaceHead, replaceModule } from './replace';

// Made by `npm run generate` from shaders/. Do not edit.
/** shaders/lib/activation.wgsl */
export const activation = {
  SELU_ALPHA: 1.6732632423543772,
  SELU_SCALE: 1.0507009873554805,
} as const;

/** shaders/lib/attention.wgsl */
export const attention = {
  MASK_BOOLEAN: 1,
  MASK_ADDITIVE: 2,
} as const;

/** shaders/lib/attention_tile.wgsl */
export const attentionTile = {
  CHUNK: 16,
} as const;

/** shaders/lib/augment.wgsl */
export const augment = {
  PROGRAM: 20,
  ARGS: 8,
  DRAWN: 12,
  HORIZONTAL_FLIP: 0,
  VERTICAL_FLIP: 1,
  CROP: 2,
  RESIZED_CROP: 3,
  AFFINE_MAP: 4,
  RANGES: 5,
  COLOR: 6,
  NOISE: 7,
  ERASE: 8,
  NORMALIZE: 9,
  NEAREST: 0,
  CONSTANT: 1,
  REFLECT: 2,
  WRAP: 3,
  BRIGHTNESS: 0,
  CONTRAST: 1,
  SATURATION: 2,
  HUE: 3,
} as const;

/** shaders/lib/epilogue.wgsl */
export const epilogue = {
  RELU: 1,
  RELU_GRADIENT: 2,
  ADD: 3,
  ACTIVATE: 4,
  ACTIVATE_KEEP: 5,
  GRADIENT: 6,
  SELECTED: 7,
  GELU: 1,
  GELU_TANH: 2,
  SILU: 3,
  SIGMOID: 4,
  TANH: 5,
} as const;

/** shaders/lib/optimizer.wgsl */
export const optimizer = {
  BLOCK: 16,
} as const;

/** shaders/lib/step.wgsl */
export const step = {
  Step: { size: 64, seed_lo: 0, seed_hi: 4, index: 8, batch_start: 12, slot: 16, epoch: 20, lr: 24, h0: 28, h1: 32, h2: 36, h3: 40, h4: 44, grad_scale: 48 },
} as const;

/** shaders/reduce/reduce.forward.wgsl */
export const reduceForward = {
  DIVIDE: 1,
  DIVIDE_ROOT: 2,
  LOG_SHIFTED: 3,
  POWER: 4,
  DIVIDE_SHIFTED: 5,
  FINITE: 6,
} as const;

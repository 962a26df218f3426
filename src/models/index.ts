/** Ready models: their specs, and the modules built from them. */
import type { Module } from '../nn/module';
import { fromSpec, type ModelSpec } from '../spec/model';
import { lenetSpec } from './lenet';
import { mlpSpec } from './mlp';

export { lenetSpec, mlpSpec };

/** Specs by name, as the command line offers them. */
export const modelSpecs = { lenet: lenetSpec, mlp: mlpSpec } satisfies Record<string, (options: any) => ModelSpec>;

/** LeNet-5: `[N, channels, 28, 28]` to logits `[N, classes]`. */
export const lenet = (options?: Parameters<typeof lenetSpec>[0]): Module => fromSpec(lenetSpec(options));

/** A multilayer perceptron with ReLU: `[N, ...]` with `inFeatures` values per sample to logits `[N, classes]`. */
export const mlp = (options?: Parameters<typeof mlpSpec>[0]): Module => fromSpec(mlpSpec(options));

/** Ready models built from their specs. */
import { lenetSpec } from '../models/lenet';
import { mlpSpec } from '../models/mlp';
import type { Module } from '../nn/module';
import { fromSpec } from './model';

/** LeNet-5: `[N, channels, 28, 28]` to logits `[N, numClasses]`. */
export const lenet = (options?: Parameters<typeof lenetSpec>[0]): Module => fromSpec(lenetSpec(options));

/** A multilayer perceptron with ReLU: `[N, ...]` with `inFeatures` values per sample to logits `[N, numClasses]`. */
export const mlp = (options?: Parameters<typeof mlpSpec>[0]): Module => fromSpec(mlpSpec(options));

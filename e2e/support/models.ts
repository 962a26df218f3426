/** What tests of models share: values, copies of weights, outputs. */
import type { Device } from '../../src/gpu/device';
import type { StateDict } from '../../src/io';
import type { Module } from '../../src/nn';
import { Predictor } from '../../src/train';

/** Small values of both signs. */
export const ramp = (n: number, scale = 0.1) =>
  Float32Array.from({ length: n }, (_, i) => scale * Math.sin(3 * i + 1));

/** Values that training does not change any more. */
export const copyOf = (state: StateDict): StateDict =>
  Object.fromEntries(Object.entries(state).map(([k, { shape, data }]) => [k, { shape, data: data.slice() }]));

/** What a model predicts. */
export async function outputsOf(device: Device, model: Module, x: Parameters<Predictor['predict']>[0]) {
  const predictor = new Predictor(device, model);
  const { data } = await predictor.predict(x);
  predictor.dispose();
  return data;
}

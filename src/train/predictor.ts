/** Predictions with a model on a device: without a trainer, beside one, and of single activations. */

import { checkCount, checkOptions, checkSeed } from '../checks';
import { ArrayDataset } from '../data/dataset';
import { type HostValues, hostTensor, type TensorData } from '../data/host-tensor';
import { formatShape, GradloomError, showValue, unknownName } from '../errors';
import type { Device } from '../gpu/device';
import { Graph, sizeOf, Tensor } from '../graph/ir/graph';
import { compile } from '../graph/runtime/compile';
import type { Plan } from '../graph/runtime/plan';
import { PlanCache } from '../graph/runtime/plan-cache';
import type { Placement } from '../graph/runtime/variable-store';
import { ModelOutput } from '../nn/model-output';
import type { Module } from '../nn/module';
import { place } from '../nn/place';
import { checkDevice, checkModel } from './arguments';
import type { WeightAverages } from './step-averages';
import { traceModules } from './summary/trace';

/** Values for each sample: `[length, ...]`. */
export interface Predicted {
  shape: number[];
  data: Float32Array;
}

/** The model's first output, and all of them by name where it returns several. */
export interface Prediction extends Predicted {
  outputs?: Record<string, Predicted>;
}

export interface PredictOptions {
  /** Samples per run. Default 256. */
  batchSize?: number;
  /** Averages to take in place of the weights: `step.averages()` of the step that keeps them. */
  averages?: WeightAverages;
}

/** The name of the only output of a model that returns a tensor. */
const ONLY = 'y';

export class Predictor {
  private readonly placement: Placement;
  private readonly plans = new PlanCache();
  private disposed = false;

  /**
   * Uses the model's values on the device, and places them if nobody did yet.
   * @throws GradloomError `out-of-memory` with the bytes needed and allowed.
   */
  constructor(
    readonly device: Device,
    readonly model: Module,
    private readonly options: { seed?: number } = {},
  ) {
    checkDevice('Predictor', device);
    checkModel('Predictor', model);
    checkOptions('Predictor', options, ['seed']);
    if (options.seed !== undefined) checkSeed('Predictor', options.seed);
    this.placement = place(device, model, { seed: options.seed });
  }

  /**
   * The model's output for each sample of `x` (`[n, ...]` or a data set), in evaluation mode. May be called while the
   * model is trained: a batch then sees the weights as they are between two steps.
   */
  async predict(x: ArrayDataset | TensorData, options: PredictOptions = {}): Promise<Prediction> {
    checkOptions('predict', options, ['batchSize', 'averages']);
    const all = await this.run('predict', x, options, (input) => outputsOf(this.model.forward(input)));
    const [first] = Object.values(all);
    return Object.keys(all).length === 1 ? first : { ...first, outputs: all };
  }

  /**
   * Activations of modules inside the model for each sample, by their paths in the state dict (`layers.0`).
   * @throws GradloomError `argument` for a path that is no module of the model.
   */
  async activations(
    x: ArrayDataset | TensorData,
    paths: readonly string[],
    options: PredictOptions = {},
  ): Promise<Record<string, Predicted>> {
    checkOptions('Predictor.activations', options, ['batchSize', 'averages']);
    if (!Array.isArray(paths) || paths.length === 0) {
      const expected = "a list of paths of modules, such as ['layers.0']";
      const got = showValue(paths);
      throw new GradloomError({
        code: 'argument',
        op: 'Predictor.activations',
        argument: 'paths',
        got,
        expected,
      });
    }
    return this.run(`activations ${paths}`, x, options, (input) => {
      const traced = new Map(traceModules(this.model, input).map((entry) => [entry.path, entry.output]));
      return Object.fromEntries(paths.map((path) => [path, traced.get(path) ?? noModule(path, traced)]));
    });
  }

  /** Frees the plans; the model's values stay on the device while others use them. */
  dispose(): void {
    this.disposed = true;
    this.plans.clear();
    this.placement.release();
  }

  private run(...call: Parameters<Predictor['predictAll']>): Promise<Record<string, Predicted>> {
    return this.device.retrying(() => this.predictAll(...call));
  }

  private async predictAll(
    method: string,
    x: ArrayDataset | TensorData,
    { batchSize = 256, averages }: PredictOptions,
    record: (input: Tensor) => Record<string, Tensor>,
  ): Promise<Record<string, Predicted>> {
    checkCount('Predictor', 'batchSize', batchSize);
    const { shape, dtype, data } = samplesOf(x);
    const [length, ...sampleShape] = shape;
    const sampleSize = sizeOf(sampleShape);
    const results: Record<string, Predicted> = {};
    for (let start = 0; start < length; start += batchSize) {
      const size = Math.min(batchSize, length - start);
      const plan = await this.planOf(`${method} ${dtype} ${[size, ...sampleShape]} ${averages?.key}`, () => {
        const graph = new Graph({ valuesOf: averages?.of });
        return { graph, outputs: record(graph.input('x', [size, ...sampleShape], dtype)) };
      });
      // Input, run and read-back are submitted in one go: calls at the same time cannot mix.
      plan.write('x', data.subarray(start * sampleSize, (start + size) * sampleSize));
      plan.run({ seed: this.options.seed ?? 0 });
      const names = plan.outputNames;
      const parts = await Promise.all(names.map((name) => plan.readTensor(name)));
      names.forEach((name, i) => {
        collect(results, name, parts[i], { start, size, length });
      });
    }
    return results;
  }

  private planOf(
    key: string,
    record: () => { graph: Graph; outputs: Record<string, Tensor> },
  ): Promise<Plan> {
    if (this.disposed) {
      throw new GradloomError({
        code: 'argument',
        op: 'Predictor',
        got: 'called after dispose()',
        expected: 'a predictor or trainer that is not disposed of',
        fix: 'Make a new Predictor; the model keeps its values',
      });
    }
    return this.plans.get(key, async () => {
      await this.placement.ready;
      const { graph, outputs } = record();
      return compile(this.device, graph, { outputs });
    });
  }
}

/** Predicts once and frees everything but the model's values: `Predictor` keeps its plans for further calls. */
export async function predict(
  device: Device,
  model: Module,
  x: ArrayDataset | TensorData,
  options: PredictOptions & { seed?: number } = {},
): Promise<Prediction> {
  checkOptions('predict', options, ['batchSize', 'averages', 'seed']);
  const { seed, ...rest } = options;
  const predictor = new Predictor(device, model, { seed });
  try {
    return await predictor.predict(x, rest);
  } finally {
    predictor.dispose();
  }
}

/** Puts the part of one batch where it belongs. */
function collect(
  results: Record<string, Predicted>,
  name: string,
  part: Predicted,
  { start, size, length }: { start: number; size: number; length: number },
): void {
  if (size === length) {
    results[name] = part;
    return;
  }
  if (part.shape[0] !== size) {
    throw new GradloomError({
      code: 'shape',
      op: 'Predictor',
      argument: `output ${name}`,
      got: `${formatShape(part.shape)} for a batch of ${size}`,
      expected: 'the samples along the first dimension, because there are several batches',
      fix: `Predict all ${length} samples at once: batchSize: ${length}`,
    });
  }
  const perSample = part.data.length / size;
  results[name] ??= { shape: [length, ...part.shape.slice(1)], data: new Float32Array(length * perSample) };
  results[name].data.set(part.data, start * perSample);
}

/** The outputs of a model by name: a tensor, a ModelOutput's prediction, or all tensors of a list or record. */
function outputsOf(output: unknown): Record<string, Tensor> {
  if (output instanceof Tensor) return { [ONLY]: output };
  if (output instanceof ModelOutput) return { [ONLY]: output.prediction };
  const tensors = Object.entries(output ?? {}).filter(
    (entry): entry is [string, Tensor] => entry[1] instanceof Tensor,
  );
  if (tensors.length > 0) return Object.fromEntries(tensors);
  throw new GradloomError({
    code: 'argument',
    op: 'forward',
    got: `an output of the model that is ${output === undefined ? 'undefined' : 'no tensor'}`,
    expected: 'a tensor, or a list or record of tensors',
  });
}

/** The samples of `x`, `[length, ...sampleShape]`. @throws GradloomError `shape` for none. */
function samplesOf(x: ArrayDataset | TensorData): HostValues {
  const values: HostValues =
    x instanceof ArrayDataset
      ? { shape: [x.length, ...x.xShape], dtype: 'f32', data: x.inputs() }
      : hostTensor(x, { op: 'predict', argument: 'x' });
  if (values.shape.length > 0 && values.shape[0] > 0) return values;
  throw new GradloomError({
    code: 'shape',
    op: 'predict',
    argument: 'x',
    got: formatShape(values.shape),
    expected: 'at least one sample, along the first dimension',
  });
}

function noModule(path: string, traced: ReadonlyMap<string, unknown>): never {
  const paths = [...traced.keys()].filter(Boolean);
  const expected = `the path of a module that forward uses: ${paths.slice(0, 8).join(', ')}`;
  throw unknownName('Predictor.activations', 'paths', path, paths, expected);
}

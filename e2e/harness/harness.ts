/** The harness: every op, model and check of the library behind plain JSON, for tests and other programs. */

import { checkOptions } from '../../src/checks';
import { ArrayDataset } from '../../src/data/dataset';
import { GradloomError, nearest } from '../../src/errors';
import type { Device } from '../../src/gpu/device';
import { Graph } from '../../src/graph/ir/graph';
import type { OpInfo } from '../../src/graph/ir/op';
import { type DType, isFloat } from '../../src/graph/ir/variable';
import { type HostInputs, type HostTensor, runGraph } from '../../src/graph/runtime/run-graph';
import type { StateDict } from '../../src/io/state-dict';
import type { Module } from '../../src/nn/module';
import { ELEMENT_TYPES, isTypeName } from '../../src/ops/elementwise/cast';
import { ops } from '../../src/ops/registry';
import type { ClipOptions } from '../../src/optim/clip';
import { type OptimizerSpec, optimizerOptions } from '../../src/optim/optimizer';
import { type ScheduleSpec, scheduleOptions } from '../../src/optim/schedule';
import { type ConformanceReport, type Progress, runConformance } from '../../src/reference/suite';
import type * as z from '../../src/schema';
import { fromSpec } from '../../src/spec/model';
import { moduleTypes } from '../../src/spec/modules';
import { type LossSpec, nameOf } from '../../src/train/loss';
import { lossOps } from '../../src/train/loss-ops';
import { predict } from '../../src/train/predictor';
import { OF_CLASSES } from '../../src/train/targets';
import { Trainer } from '../../src/train/trainer';
import { decode, decodeBytes, encode, encodeBytes, type JsonTensor } from './codec';
import { attributeName, inputName, opNamed } from './names';

type JsonTensors = Record<string, JsonTensor | JsonTensor[]>;

export interface RunOpRequest {
  op: string;
  attrs?: Record<string, unknown>;
  inputs: JsonTensors;
  /** By output name. */
  gradOutputs?: Record<string, JsonTensor>;
  training?: boolean;
  seed?: number;
}

export interface TrainRequest {
  model: unknown;
  stateDict?: Record<string, JsonTensor>;
  data: { x: JsonTensor; y: JsonTensor };
  loss: LossSpec;
  optimizer: OptimizerSpec;
  schedule?: ScheduleSpec;
  clip?: ClipOptions;
  batchSize: number;
  steps: number;
  seed?: number;
  /** Whether the answer has `checkpoint`, the file in base64. */
  checkpoint?: boolean;
  /** Such a text: goes on with the next batch. */
  resume?: string;
}

export interface PredictRequest {
  model: unknown;
  stateDict?: Record<string, JsonTensor>;
  x: JsonTensor;
}

const TRAIN_KEYS: (keyof TrainRequest)[] = [
  'model',
  'stateDict',
  'data',
  'loss',
  'optimizer',
  'schedule',
  'clip',
  'batchSize',
  'steps',
  'seed',
  'checkpoint',
  'resume',
];

const optionsOf = (table: Record<string, z.ObjectSchema>) =>
  Object.entries(table).map(([type, options]) => ({ type, options: options.toJSONSchema() }));

/** Declared inputs; where more depend on the attributes, those of the smallest case (one layer, one direction). */
const inputsOf = (info: OpInfo) => [...info.inputs, ...info.moreInputs({ hiddenSize: 1 })];

export class Harness {
  constructor(private readonly device: Device) {}

  /** What adapter this is and what the library offers; attributes and options as JSON Schema. */
  async info() {
    const { limits, adapterInfo, gpu } = this.device;
    const names = (info: OpInfo) => [info.name, ...info.aliases];
    const described = [...ops.values()].flatMap((info) =>
      names(info).map((name) => ({
        name,
        /** Whether this is another name of an op that is listed under its own. */
        alias: name !== info.name,
        inputs: inputsOf(info).map((input) => input.name),
        optionalInputs: inputsOf(info)
          .filter((input) => input.optional)
          .map((input) => input.name),
        outputs: [...info.outputs],
        attrs: info.attrs.toJSONSchema(),
        doc: info.doc,
        differentiable: info.differentiable === true,
      })),
    );
    const limitNames = Object.keys(Object.getPrototypeOf(limits)) as (keyof GPUSupportedLimits)[];
    return {
      adapter: adapterInfo,
      features: [...gpu.features],
      limits: Object.fromEntries(limitNames.map((name) => [name, limits[name]])),
      version: import.meta.env.GRADLOOM_VERSION,
      ops: described,
      modules: optionsOf(
        Object.fromEntries(Object.entries(moduleTypes).map(([type, { options }]) => [type, options])),
      ),
      losses: optionsOf(Object.fromEntries(lossOps().map(({ name, attrs }) => [name, attrs]))),
      optimizers: optionsOf(optimizerOptions),
      schedules: optionsOf(scheduleOptions),
    };
  }

  /** One op on given inputs; with `gradOutputs` also the gradient of every differentiable input. */
  async runOp({ op: name, attrs: given = {}, inputs, gradOutputs, training, seed }: RunOpRequest) {
    const info = opNamed(name);
    if (!info) {
      const known = [...ops.keys()];
      const near = nearest(String(name), known);
      throw new GradloomError({
        code: 'argument',
        op: 'runOp',
        argument: 'op',
        got: JSON.stringify(name),
        expected: 'an op of harness.info().ops',
        fix: near && `Did you mean ${near}?`,
      });
    }
    const feeds: HostInputs = {};
    const keys: Record<string, string | string[]> = {};
    const attrs = Object.fromEntries(
      Object.entries(given).map(([argument, value]) => [attributeName(info, argument), value]),
    );
    const { numbers, rest } = splitNumbers(info, attrs);
    for (const [argument, value] of Object.entries({ ...numbers, ...inputs })) {
      if (value === null || value === undefined) continue;
      const feed = (key: string, tensor: JsonTensor) => {
        const { shape, values } = decode(name, argument, tensor);
        feeds[key] = hostInput(
          shape,
          values,
          inputDtype(info, inputName(info, argument, rest), tensor, inputs),
        );
        return key;
      };
      keys[argument] = Array.isArray(value)
        ? value.map((item, i) => feed(`${argument}.${i}`, item))
        : feed(argument, value);
    }
    const grads: Record<string, HostTensor> = {};
    for (const [output, tensor] of Object.entries(gradOutputs ?? {})) {
      const { shape, values } = decode(name, `gradOutputs.${output}`, tensor);
      grads[output] = { shape, data: Float32Array.from(values) };
    }
    const wrt = Object.keys(feeds).filter((key) => isFloat(feeds[key].dtype));
    const { outputs, gradInputs } = await runGraph(
      this.device,
      feeds,
      (tensors, graph) => {
        const tensorsByName = Object.entries(keys).map(([argument, key]) => [
          inputName(info, argument, rest),
          Array.isArray(key) ? key.map((k) => tensors[k]) : tensors[key],
        ]);
        const result = info.call(Object.fromEntries(tensorsByName), withClasses(info, rest, feeds), graph);
        const unknown = Object.keys(grads).find((output) => !result[output]);
        if (unknown) {
          throw new GradloomError({
            code: 'argument',
            op: name,
            argument: `gradOutputs.${unknown}`,
            got: 'not an output',
            expected: `one of ${Object.keys(result).join(', ')}`,
          });
        }
        return result;
      },
      { training, seed, gradOutputs: gradOutputs ? grads : undefined, wrt },
    );
    const encoded = Object.fromEntries(
      Object.entries(outputs).map(([output, tensor]) => [output, encode(tensor)]),
    );
    if (!gradOutputs) return { outputs: encoded };
    const gradientOf = (key: string) =>
      isFloat(feeds[key].dtype)
        ? encode(
            gradInputs[key] ?? { shape: feeds[key].shape, data: new Float32Array(feeds[key].data.length) },
          )
        : undefined;
    const gradients = Object.entries(keys).map(([argument, key]) => [
      argument,
      Array.isArray(key) ? key.map((k) => gradientOf(k)!) : gradientOf(key),
    ]);
    return { outputs: encoded, gradInputs: Object.fromEntries(gradients.filter(([, value]) => value)) };
  }

  /** Trains for `steps` on batches in order, wrapping around; losses before each update. */
  async train(request: TrainRequest) {
    checkOptions('train', request, TRAIN_KEYS);
    checkOptions('train.data', request.data, ['x', 'y']);
    const model = buildModel(request.model, request.stateDict, request.seed);
    const data = datasetOf(model, request);
    const { loss, optimizer, schedule, clip, seed, steps, batchSize, checkpoint = false, resume } = request;
    if (typeof checkpoint !== 'boolean') throw badRequest('checkpoint', checkpoint, 'true or false');
    if (resume !== undefined && typeof resume !== 'string') {
      throw badRequest('resume', resume, 'a checkpoint in base64');
    }
    const trainer = new Trainer(this.device, model, { loss, optimizer, schedule, clip, seed });
    try {
      if (resume !== undefined) await trainer.restore(decodeBytes('train', 'resume', resume));
      const gradNorms: number[] = [];
      const losses = await trainer.fitSteps(data, {
        steps,
        batchSize,
        onStep: ({ gradNorm }) => void (gradNorm !== undefined && gradNorms.push(gradNorm)),
      });
      const [state, gradients] = [await trainer.stateDict(), await trainer.gradientDict()];
      const norms = clip?.maxNorm === undefined ? {} : { gradNorms };
      const file = checkpoint
        ? { checkpoint: encodeBytes(await trainer.checkpoint({ model: request.model })) }
        : {};
      return { losses, stateDict: encodeAll(state), gradients: encodeAll(gradients), ...norms, ...file };
    } finally {
      await trainer.dispose();
    }
  }

  /** The model's output in evaluation mode. */
  async predict(request: PredictRequest) {
    checkOptions('predict', request, ['model', 'stateDict', 'x']);
    const { model: spec, stateDict, x } = request;
    const model = buildModel(spec, stateDict, 0);
    const { shape, values } = decode('predict', 'x', x);
    return { y: encode(await predict(this.device, model, { shape, data: Float32Array.from(values) })) };
  }

  /**
   * Every op's cases against the float64 references; `filter` is a part of the op's name, or `=name` exactly. `long`:
   * the cases along axes of 70,000 elements instead.
   */
  conformance(
    { filter, long }: { filter?: string; long?: boolean } = {},
    onProgress?: Progress,
  ): Promise<ConformanceReport> {
    return runConformance(this.device, filter, onProgress, { long });
  }
}

const badRequest = (argument: string, got: unknown, expected: string) =>
  new GradloomError({ code: 'argument', op: 'train', argument, got: String(JSON.stringify(got)), expected });

const encodeAll = (state: StateDict) =>
  Object.fromEntries(Object.entries(state).map(([name, tensor]) => [name, encode(tensor)]));

function hostInput(shape: number[], values: ArrayLike<number>, dtype: DType): HostInputs[string] {
  return { shape, dtype, data: dtype === 'i32' ? Int32Array.from(values) : Float32Array.from(values) };
}

/** Attributes that are inputs of the op, such as the exponent of pow, become tensors without dimensions. */
function splitNumbers(info: OpInfo, attrs: Record<string, unknown> = {}) {
  const isInput = (name: string) =>
    !(name in info.attrs.shape) &&
    info.inputs.some((input) => input.name === (info.inputAliases[name] ?? name) && !input.list);
  const entries = Object.entries(attrs);
  const numbers = entries.flatMap(([name, value]): [string, JsonTensor][] =>
    isInput(name) && typeof value === 'number' ? [[name, { shape: [], data: [value] }]] : [],
  );
  const taken = numbers.map(([name]) => name);
  return {
    numbers: Object.fromEntries(numbers),
    rest: Object.fromEntries(entries.filter(([name]) => !taken.includes(name))),
  };
}

/** The number of classes of oneHot, which PyTorch takes from the values; here they are at hand before the graph is. */
function withClasses(info: OpInfo, attrs: Record<string, unknown>, feeds: HostInputs) {
  if (info.name !== 'oneHot' || (attrs.numClasses ?? -1) !== -1) return attrs;
  const values = Object.values(feeds)[0]?.data ?? [];
  return { ...attrs, numClasses: Array.from(values).reduce((most, value) => Math.max(most, value), -1) + 1 };
}

/** The type that an input stands for: as the op declares it, and for inputs of any type by what is sent. */
function inputDtype(info: OpInfo, argument: string, tensor: JsonTensor, inputs: JsonTensors): DType {
  if (tensor.dtype) return namedType(info, argument, tensor.dtype);
  const canonical = info.inputAliases[argument] ?? argument;
  const declared = info.inputs.find((input) => input.name === canonical)?.dtype ?? 'f32';
  if (argument === 'attnMask') return isBooleanMask(tensor) ? 'bool' : 'f32';
  if (declared !== 'any') return declared;
  // Class indices are told from probabilities by shape.
  const x = (inputs.x ?? inputs.input) as JsonTensor | undefined;
  if (argument === 'target' && x) return x.shape.join() === tensor.shape.join() ? 'f32' : 'i32';
  return 'f32';
}

/** The type of a name, ours or PyTorch's. */
function namedType(info: OpInfo, argument: string, name: string): DType {
  if (isTypeName(name)) return ELEMENT_TYPES[name];
  throw new GradloomError({
    code: 'argument',
    op: info.name,
    argument: `${argument}.dtype`,
    got: JSON.stringify(name),
    expected: Object.keys(ELEMENT_TYPES).join(', '),
  });
}

/** A mask of zeros and ones with at least one 1 is boolean; one of zeros alone adds nothing. */
function isBooleanMask({ data }: JsonTensor): boolean {
  if (typeof data === 'string') return false;
  return data.every((v) => v === 0 || v === 1 || typeof v === 'boolean') && data.some((v) => Number(v) === 1);
}

function buildModel(spec: unknown, state: Record<string, JsonTensor> | undefined, seed = 0): Module {
  const model = fromSpec(spec);
  if (state) {
    const entries = Object.entries(state).map(([name, tensor]) => {
      const { shape, values } = decode('stateDict', name, tensor);
      return [name, { shape, data: Float32Array.from(values) }] as const;
    });
    model.loadStateDict(Object.fromEntries(entries));
  }
  return model.initialize(seed);
}

/** The data set; targets of a classification are class indices unless they have the shape of the model's output. */
function datasetOf(model: Module, { data, loss }: TrainRequest): ArrayDataset {
  const x = decode('train', 'data.x', data.x);
  const y = decode('train', 'data.y', data.y);
  const output = model.forward(new Graph().input('x', x.shape)) as { shape: readonly number[] };
  const indices = OF_CLASSES.includes(nameOf(loss)) && output.shape.join() !== y.shape.join();
  return ArrayDataset.fromArrays({
    x: Float32Array.from(x.values),
    xShape: x.shape.slice(1),
    y: indices ? Int32Array.from(y.values) : Float32Array.from(y.values),
    yShape: y.shape.slice(1),
    name: 'harness data',
  });
}

/** Module classes and layers of specs: which exist, how their options are given, and what they refuse. */
import { describe, expect, it } from 'vitest';
import type { GradloomError } from '../errors';
import { Graph, Tensor } from '../graph/ir/graph';
import * as nn from '../nn';
import { ops } from '../ops/registry';
import { fromSpec } from './model';
import { moduleTypes } from './modules';

const graph = new Graph();
const input = (...shape: number[]) => graph.input(`${graph.inputs.size}`, shape);

function errorOf(run: () => unknown): GradloomError {
  try {
    run();
  } catch (error) {
    return error as GradloomError;
  }
  throw new Error('nothing was thrown');
}

/** Modules that no layer of a spec can be: with several inputs or states, bases, and those that have a form of their own. */
const WITHOUT_LAYER: Record<string, string> = {
  Module: 'base class',
  OpModule: 'base class',
  Decodable: 'base class',
  EncoderDecoder: 'base class',
  ModuleList: 'its owner applies the items',
  ModuleDict: 'its owner applies the items',
  RecurrentLayer: 'what lstm, gru and rnn make',
  LSTMCell: 'takes states',
  GRUCell: 'takes states',
  RNNCell: 'takes states',
  Bilinear: 'takes two inputs',
  Transformer: 'takes two inputs',
  AdaptiveLogSoftmaxWithLoss: 'takes the target',
  TripletMarginWithDistanceLoss: 'takes three inputs',
  TransformerDecoder: 'takes two inputs',
  TransformerDecoderLayer: 'takes two inputs',
};

describe('every module class', () => {
  const classes = Object.entries(nn).filter(
    ([, value]) =>
      typeof value === 'function' && (value === nn.Module || value.prototype instanceof nn.Module),
  );
  const layers = new Set(Object.keys(moduleTypes).map((name) => name.toLowerCase()));
  const ofOps = new Map([...ops.values()].map((info) => [info.module?.name, info]));

  it('is a layer of specs, or says why not', () => {
    expect(classes.length).toBeGreaterThan(120);
    const missing = classes
      .map(([name]) => name)
      .filter((name) => !layers.has(name.toLowerCase()) && !(name in WITHOUT_LAYER))
      // Losses and distances take several tensors.
      .filter((name) => (ofOps.get(name)?.inputs.length ?? 0) < 2);
    expect(missing).toEqual([]);
  });

  it('is named once by an op, and is in nn', () => {
    const named = [...ops.values()].flatMap(({ module }) => (module ? [module.name] : []));
    expect(new Set(named).size).toBe(named.length);
    const known = new Set(classes.map(([name]) => name));
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('takes by position only attributes that its op has', () => {
    for (const { name, module, attrs } of ops.values()) {
      for (const key of module?.positional ?? []) expect(Object.keys(attrs.shape), name).toContain(key);
    }
  });
});

describe('options', () => {
  it('come by position, in an object, or both', () => {
    const x = input(2, 3, 8, 8);
    const made = [
      new nn.MaxPool2d(2),
      new nn.MaxPool2d({ kernelSize: 2 }),
      new nn.MaxPool2d(4, { stride: 2, padding: 1 }),
      new nn.MaxPool2d(4, 2, 1),
    ];
    expect(made.map((module) => module.forward(x).shape)).toEqual(new Array(4).fill([2, 3, 4, 4]));
  });

  it('have types', () => {
    // @ts-expect-error the kernel is required
    expect(errorOf(() => new nn.MaxPool2d())).toMatchObject({ op: 'MaxPool2d', argument: 'kernelSize' });
    // @ts-expect-error no such option
    const error = errorOf(() => new nn.LeakyReLU({ slope: 0.1 }));
    expect(error).toMatchObject({ op: 'LeakyReLU', argument: 'slope', expected: 'one of negativeSlope' });
    // @ts-expect-error one argument too many
    expect(errorOf(() => new nn.LeakyReLU(0.1, 2))).toMatchObject({ argument: 'argument 2' });
  });

  it('of losses hold their constant tensors', () => {
    const logits = input(4, 3);
    const loss = new nn.CrossEntropyLoss({ weight: [1, 2, 0.5], labelSmoothing: 0.1 });
    expect(loss.forward(logits, [0, 1, 2, 0]).shape).toEqual([]);
    expect(graph.calls.at(-1)).toMatchObject({ op: 'crossEntropy', attrs: { labelSmoothing: 0.1 } });
    expect((graph.calls.at(-1)!.inputs.weight as Tensor).shape).toEqual([3]);
  });

  it('of two-input modules leave the inputs to forward', () => {
    expect(new nn.CosineSimilarity(1).forward(input(4, 3), input(4, 3)).shape).toEqual([4]);
    expect(new nn.Bilinear(3, 2, 5).forward(input(4, 3), input(4, 2)).shape).toEqual([4, 5]);
  });

  it('that ask for several outputs give a record', () => {
    const outputs = new nn.MaxPool1d(2, { returnIndices: true }).forward(input(1, 1, 4)) as unknown;
    expect(Object.keys(outputs as object)).toEqual(['y', 'indices']);
  });
});

describe('ranks', () => {
  it.each<[string, () => unknown, string]>([
    ['BatchNorm1d', () => new nn.BatchNorm1d(3).forward(input(2, 3, 4, 4)), '[N, C] or [N, C, L]'],
    ['BatchNorm2d', () => new nn.BatchNorm2d(3).forward(input(2, 3)), '[N, C, H, W]'],
    ['BatchNorm3d', () => new nn.BatchNorm3d(3).forward(input(2, 3, 4, 4)), '[N, C, D, H, W]'],
    ['InstanceNorm1d', () => new nn.InstanceNorm1d(3).forward(input(3)), '[N, C, L] or [C, L]'],
    ['InstanceNorm2d', () => new nn.InstanceNorm2d(3).forward(input(2, 3)), '[N, C, H, W] or [C, H, W]'],
    [
      'InstanceNorm3d',
      () => new nn.InstanceNorm3d(3).forward(input(2, 3, 4)),
      '[N, C, D, H, W] or [C, D, H, W]',
    ],
    ['ZeroPad2d', () => new nn.ZeroPad2d(1).forward(input(3, 4)), '[N, C, H, W] or [C, H, W]'],
    ['Softmax2d', () => new nn.Softmax2d().forward(input(3, 4)), '[N, C, H, W] or [C, H, W]'],
    ['LSTMCell', () => new nn.LSTMCell(3, 4).forward(input(1, 2, 3)), '[N, inputSize] or [inputSize]'],
  ])('of %s are checked', (op, run, expected) => {
    expect(errorOf(run)).toMatchObject({ code: 'shape', op, argument: 'x', expected });
  });

  it('of paddings decide how many numbers there are', () => {
    expect(new nn.ReflectionPad1d([1, 2]).forward(input(1, 2, 5)).shape).toEqual([1, 2, 8]);
    expect(new nn.ConstantPad3d(1, 0.5).forward(input(1, 1, 2, 2, 2)).shape).toEqual([1, 1, 4, 4, 4]);
    expect(errorOf(() => new nn.ReplicationPad2d([1, 2]))).toMatchObject({
      op: 'ReplicationPad2d',
      argument: 'padding',
      got: '2 numbers',
    });
  });
});

describe('layers of specs', () => {
  it('are the classes of nn, by the op or by the class', () => {
    expect(fromSpec({ type: 'relu' })).toBeInstanceOf(nn.ReLU);
    expect(fromSpec({ type: 'Upsample', scaleFactor: 2 })).toBeInstanceOf(nn.Upsample);
    expect(fromSpec({ type: 'interpolate', scaleFactor: 2 })).toBeInstanceOf(nn.Upsample);
    expect(fromSpec({ type: 'BatchNorm2d', numFeatures: 3 })).toBeInstanceOf(nn.BatchNorm2d);
    expect(fromSpec({ type: 'constantPad2d', padding: 1, value: 2 })).toBeInstanceOf(nn.ConstantPad2d);
    expect(fromSpec({ type: 'softmin', dim: 1 }).typeName).toBe('Softmin');
  });

  it('are all ops of one tensor', () => {
    const y = fromSpec([{ type: 'exp' }, { type: 'sum', dim: 1 }, { type: 'neg' }]).forward(input(2, 3));
    expect(y).toBeInstanceOf(Tensor);
    expect(y.shape).toEqual([2]);
    expect(moduleTypes).not.toHaveProperty('split');
    expect(moduleTypes).not.toHaveProperty('topk');
  });

  it('build encoders of several layers', () => {
    const encoder = fromSpec({
      type: 'transformerEncoder',
      dModel: 8,
      nhead: 2,
      numLayers: 2,
      normFirst: true,
    });
    expect([...encoder.namedVariables()].map(([name]) => name)).toContain('layers.1.linear2.weight');
    expect([...encoder.namedVariables()].map(([name]) => name)).toContain('norm.bias');
  });
});

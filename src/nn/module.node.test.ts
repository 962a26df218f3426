/** Modules as trees: which properties are found, under which names, and what freezing marks. */
import { describe, expect, it } from 'vitest';
import { GradloomError } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import { Linear, Module, parameter, Sequential } from './index';
import { zeros } from './init';

abstract class Silent extends Module {
  override forward(x: Tensor): Tensor {
    return x;
  }
}

class Collections extends Silent {
  readonly scale = parameter([2], zeros);
  readonly layers = [new Linear(2, 3), new Linear(3, 2)];
  readonly heads = { classA: new Linear(2, 1), class_b: new Linear(2, 1, { bias: false }) };
  readonly grid = [[new Linear(1, 1, { bias: false })], [new Linear(1, 1, { bias: false })]];
  readonly extra = new Map<string, Module | Variable>([
    ['first', new Linear(1, 1, { bias: false })],
    ['offset', parameter([1], zeros)],
  ]);
  readonly shifts = [parameter([1], zeros), parameter([1], zeros)];
  readonly options = { sizes: [1, 2, 3], nested: { name: 'x' }, none: null };
}

const keys = (module: Module) => [...module.namedVariables()].map(([name]) => name);

const errorOf = (run: () => unknown): GradloomError => {
  try {
    run();
  } catch (error) {
    if (error instanceof GradloomError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('modules and parameters', () => {
  it('are found in arrays, records and maps, with their keys', () => {
    expect(keys(new Collections())).toEqual([
      'scale',
      'extra.offset',
      'shifts.0',
      'shifts.1',
      'layers.0.weight',
      'layers.0.bias',
      'layers.1.weight',
      'layers.1.bias',
      'heads.classA.weight',
      'heads.classA.bias',
      'heads.class_b.weight',
      'grid.0.0.weight',
      'grid.1.0.weight',
      'extra.first.weight',
    ]);
    expect(new Collections().parameters()).toHaveLength(14);
  });

  it('take part in state dicts', () => {
    const state = new Collections().initialize(1).stateDict();
    const other = new Collections().loadStateDict(state);
    expect(other.stateDict()).toEqual(state);
  });

  it('have the names of their properties, in snake case where these are camel case', () => {
    class Names extends Silent {
      readonly W_q = parameter([1], zeros);
      readonly conv1_1 = parameter([1], zeros);
      readonly Wv = parameter([1], zeros);
      readonly _maskBias = parameter([1], zeros);
      readonly inProjWeight = parameter([1], zeros);
      readonly selfAttn = new Linear(1, 1, { bias: false });
      readonly fc2 = new Linear(1, 1, { bias: false });
    }
    expect(keys(new Names())).toEqual([
      'W_q',
      'conv1_1',
      'Wv',
      '_maskBias',
      'in_proj_weight',
      'self_attn.weight',
      'fc2.weight',
    ]);
  });

  it('that are used twice are listed once, by their first name; state dicts have both names, as in PyTorch', () => {
    class Tied extends Silent {
      readonly encoder = new Linear(2, 2, { bias: false });
      readonly again = this.encoder;
      readonly decoder = new Linear(2, 2, { weight: this.encoder.weight });
    }
    const model = new Tied();
    expect(model.namedParameters().map(([name]) => name)).toEqual(['encoder.weight', 'decoder.bias']);
    expect([...model.namedModules()].map(([path]) => path)).toEqual(['', 'encoder', 'decoder']);
    expect(Object.keys(model.stateDict())).toEqual([
      'encoder.weight',
      'again.weight',
      'decoder.weight',
      'decoder.bias',
    ]);
  });

  it('must not contain themselves', () => {
    class Loop extends Silent {
      readonly child = new Sequential(new Linear(1, 1));
      readonly list: Module[] = [];
    }
    const loop = new Loop();
    loop.list.push(loop);
    expect(errorOf(() => loop.parameters())).toMatchObject({
      code: 'argument',
      op: 'Loop',
      argument: 'list.0',
      got: 'a module that contains itself',
    });
  });
});

describe('freezing', () => {
  const frozen = (module: Module) =>
    module.namedParameters().flatMap(([name, { requiresGrad }]) => (requiresGrad ? [] : [name]));
  const model = () =>
    new Sequential({ features: new Sequential(new Linear(2, 3), new Linear(3, 3)), head: new Linear(3, 1) });

  it.each<[string[], string[]]>([
    [
      [],
      [
        'features.0.weight',
        'features.0.bias',
        'features.1.weight',
        'features.1.bias',
        'head.weight',
        'head.bias',
      ],
    ],
    [['features'], ['features.0.weight', 'features.0.bias', 'features.1.weight', 'features.1.bias']],
    [
      ['features.1', 'head.bias'],
      ['features.1.weight', 'features.1.bias', 'head.bias'],
    ],
    [['*.bias'], ['features.0.bias', 'features.1.bias', 'head.bias']],
    [['features.*.weight'], ['features.0.weight', 'features.1.weight']],
  ])('of %j', (patterns, expected) => {
    expect(frozen(model().freeze(...patterns))).toEqual(expected);
  });

  it('leaves parameters what they are and can be undone', () => {
    const module = model().freeze();
    expect(module.parameters()).toHaveLength(6);
    expect(frozen(module.unfreeze('head'))).not.toContain('head.weight');
    expect(frozen(module.requiresGrad_())).toEqual([]);
    expect(frozen(module.requiresGrad_(false))).toHaveLength(6);
  });

  it('says when a pattern names nothing', () => {
    expect(errorOf(() => model().freeze('feature'))).toMatchObject({
      code: 'argument',
      op: 'freeze',
      argument: 'feature',
      fix: 'Did you mean features?',
    });
    expect(errorOf(() => model().unfreeze('*.scale'))).toMatchObject({ op: 'unfreeze', argument: '*.scale' });
  });
});

// Summaries against published figures, counts done by hand, and the memory that plans really take.
import { describe, expect, it } from 'vitest';
import * as nn from '../../nn';
import { fromSpec } from '../../spec';
import { type ModelSummary, summary } from './summary';
import { formatSummary } from './table';

const of = (spec: unknown, shape: number[], batchSize = 1) => summary(fromSpec(spec), shape, { batchSize });
const layer = ({ layers }: ModelSummary, name: string) => layers.find((each) => each.name === name)!;

describe('multiply-adds', () => {
  // From the tables of torchvision.models (GFLOPS), which leave out biases and norms.
  it.each([
    [{ type: 'alexnet' }, 0.714],
    [{ type: 'vgg', depth: 11 }, 7.609],
    [{ type: 'vgg', depth: 16, batchNorm: true }, 15.47],
    [{ type: 'googlenet' }, 1.498],
    [{ type: 'resnet', depth: 18 }, 1.814],
    [{ type: 'resnet', depth: 50 }, 4.089],
    [{ type: 'mobilenetV2' }, 0.301],
  ])('of %j are those published', (spec, published) => {
    const { multAdds } = of(spec, [3, 224, 224]);
    expect(Math.abs(multAdds / 1e9 / published - 1)).toBeLessThan(0.003);
  });

  it('are parameters times positions, per sample', () => {
    const lenet = of({ type: 'lenet' }, [1, 28, 28], 7);
    // torchinfo's: (6 * 26) * 28^2 + (16 * 151) * 10^2 + 48,120 + 10,164 + 850.
    expect(lenet.multAdds).toBe(156 * 784 + 2416 * 100 + 48_120 + 10_164 + 850);
    const [T, F, H] = [9, 3, 5];
    const lstm = of({ type: 'seriesRegressor', features: F, hiddenSize: H }, [T, F], 2);
    expect(lstm.multAdds).toBe(T * (4 * H * (F + H) + 8 * H) + H + 1);
    const attention = of({ type: 'multiheadAttention', embedDim: 4, numHeads: 2, batchFirst: true }, [T, 4]);
    expect(attention.multAdds).toBe(T * (4 * 16 + 16) + 2 * T * T * 4);
    const up = of(
      { type: 'convTranspose2d', inChannels: 2, outChannels: 3, kernelSize: 2, stride: 2 },
      [2, 5, 5],
    );
    expect(up.multAdds).toBe(2 * 3 * 4 * 25 + 3 * 100);
  });
});

describe('receptive fields', () => {
  // Of the last features: Araujo et al. 2019, tables 1 and 2; torchvision's ResNet has its strides in the 3x3 layers.
  it.each([
    [{ type: 'alexnet' }, 'features', 195],
    [{ type: 'vgg', depth: 16 }, 'features', 212],
    [{ type: 'mobilenetV1' }, 'features', 315],
    [{ type: 'mobilenetV2' }, 'features', 491],
    [{ type: 'resnet', depth: 18 }, 'layer4', 435],
    [{ type: 'resnet', depth: 50 }, 'layer4', 427],
  ])('of %j', (spec, name, size) => {
    expect(layer(of(spec, [3, 224, 224]), name).receptiveField).toEqual([size, size]);
  });

  it('end where positions are mixed, and take the widest branch', () => {
    const branches = [
      { type: 'conv2d', inChannels: 1, outChannels: 1, kernelSize: [1, 5], padding: 'same' },
      { type: 'conv2d', inChannels: 1, outChannels: 1, kernelSize: 3, dilation: 2, padding: 2 },
    ];
    const result = of(
      [{ type: 'concat', branches }, { type: 'maxPool2d', kernelSize: 2 }, { type: 'flatten' }],
      [1, 8, 8],
    );
    expect(layer(result, '0').receptiveField).toEqual([5, 5]);
    expect(layer(result, '0.branches.0').receptiveField).toEqual([1, 5]);
    expect(layer(result, '1').receptiveField).toEqual([6, 6]);
    expect(layer(result, '2').receptiveField).toBeUndefined();
    expect(of({ type: 'mlp' }, [784]).receptiveField).toBeUndefined();
  });
});

describe('layers', () => {
  it('are the tree of modules with shapes, parameters and classes', () => {
    const { layers } = of({ type: 'resnet', depth: 18 }, [3, 64, 64], 2);
    expect(layers[0]).toMatchObject({
      name: '',
      type: 'ResNet',
      outputShape: [2, 1000],
      parameters: 11_689_512,
    });
    expect(layers.find(({ name }) => name === 'layer2.0.downsample.0')).toEqual({
      name: 'layer2.0.downsample.0',
      type: 'Conv2d',
      depth: 4,
      outputShape: [2, 128, 8, 8],
      parameters: 64 * 128,
      multAdds: 64 * 128 * 64,
      receptiveField: [43, 43],
    });
  });

  it('are named as in nn, and counted once when shared', () => {
    const relu = new nn.ReLU();
    const linear = new nn.Linear(4, 4);
    const { layers, parameters, multAdds } = summary(new nn.Sequential(linear, relu, linear, relu), [4]);
    expect(layers.map(({ type }) => type)).toEqual(['Sequential', 'Linear', 'ReLU']);
    expect({ parameters, multAdds }).toEqual({ parameters: 20, multAdds: 40 });
  });

  it('that predictions leave out are shown without a shape', () => {
    const googlenet = of({ type: 'googlenet' }, [3, 64, 64], 2);
    expect(layer(googlenet, 'aux1')).not.toHaveProperty('outputShape');
    expect(layer(googlenet, 'aux1').parameters).toBeGreaterThan(1e6);
    expect(formatSummary(googlenet, { maxDepth: 1 })).toMatch(
      /aux1 \(InceptionAux\) +not used in predictions/,
    );
  });

  it('leave the model as it was', () => {
    const model = fromSpec({ type: 'lenet' });
    summary(model, [1, 28, 28]);
    expect(Object.hasOwn(model, 'forward')).toBe(false);
    expect(() => summary(model, [1, 5, 5])).toThrow(/maxPool2d|conv2d/);
    expect(Object.hasOwn(model, 'forward')).toBe(false);
  });
});

describe('memory', () => {
  it('grows with the batch, and training takes more', () => {
    const one = of({ type: 'lenet' }, [1, 28, 28], 1).memory;
    const many = of({ type: 'lenet' }, [1, 28, 28], 64).memory;
    expect(many.parameters).toBe(one.parameters);
    expect(many.forward / one.forward).toBeGreaterThan(30);
    expect(many.optimizer).toBe(2 * many.gradients);
    expect(many.step!).toBeGreaterThan(many.forward);
    expect(many.training).toBe(many.parameters + many.gradients + many.optimizer + many.step!);
  });

  it('of a step that batch norm refuses is absent', () => {
    const model = { type: 'cnn', widths: [4, 4, 4] };
    expect(of(model, [1, 8, 8], 1).memory.step).toBeDefined();
    const tiny = [
      { type: 'linear', inFeatures: 4, outFeatures: 2 },
      { type: 'batchNorm1d', numFeatures: 2 },
    ];
    expect(of(tiny, [4], 1).memory.training).toBeUndefined();
    expect(of(tiny, [4], 2).memory.training).toBeDefined();
  });
});

it('refuses a batch of none', () => {
  expect(() => of({ type: 'lenet' }, [1, 28, 28], 0)).toThrow(
    /summary: batchSize is 0; expected a whole number/,
  );
});

it('prints a table', () => {
  // Memory depends on how the kernels work.
  const text = formatSummary(of({ type: 'lenet' }, [1, 28, 28], 64)).replace(/\d+\.\d MiB/g, '? MiB');
  expect(text).toMatchInlineSnapshot(`
    "Layer (type)     Output shape      Parameters  Mult-adds  Receptive field
    ─────────────────────────────────────────────────────────────────────────
    Sequential       [64, 10]                   –          –                –
      0 (Conv2d)     [64, 6, 28, 28]          156    122,304              5×5
      1 (ReLU)       [64, 6, 28, 28]            –          –              5×5
      2 (MaxPool2d)  [64, 6, 14, 14]            –          –              6×6
      3 (Conv2d)     [64, 16, 10, 10]       2,416    241,600            14×14
      4 (ReLU)       [64, 16, 10, 10]           –          –            14×14
      5 (MaxPool2d)  [64, 16, 5, 5]             –          –            16×16
      6 (Flatten)    [64, 400]                  –          –                –
      7 (Linear)     [64, 120]             48,120     48,120                –
      8 (ReLU)       [64, 120]                  –          –                –
      9 (Linear)     [64, 84]              10,164     10,164                –
      10 (ReLU)      [64, 84]                   –          –                –
      11 (Linear)    [64, 10]                 850        850                –
    ─────────────────────────────────────────────────────────────────────────
    Input                  [64, 1, 28, 28]
    Parameters             61,706
    Other state            0 values
    Mult-adds per sample   423.04 k
    Receptive field        16×16
    Memory to predict 64   ? MiB (parameters ? MiB, results ? MiB)
    Memory to train on 64  ? MiB (parameters ? MiB, gradients ? MiB, optimizer ? MiB, results ? MiB)"
  `);
});

/** Augmented batches against their reference in float64, and what a fit with them keeps. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { AugmentSpec } from '../../data/augment/spec';
import { augmentStages } from '../../data/augment/stages';
import { ArrayDataset } from '../../data/dataset';
import { loadImageFolder } from '../../data/image-folder';
import { standardized } from '../../data/splits';
import type { Device } from '../../gpu/device';
import * as nn from '../../nn';
import * as ops from '../../ops';
import { Random } from '../../random';
import { augmentReference } from '../../reference/augment';
import { mlp } from '../../spec';
import { TrainStep } from '../train-step';
import { Trainer } from '../trainer';
import { augment } from './preview';
import { augmentBatch } from './step';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

/** Smooth images, so that places that differ by rounding have nearly the same values. */
function images(xShape: readonly number[], count: number, kind: 'bytes' | 'floats', seed = 5): ArrayDataset {
  const random = new Random(seed, 'images');
  const [channels, height, width] = xShape;
  const values = Array.from({ length: count * channels }, () => {
    const [a, b, c] = [random.uniform(0, 6), random.uniform(-0.4, 0.4), random.uniform(-0.4, 0.4)];
    return Array.from({ length: height * width }, (_, i) => {
      const wave = Math.sin(a + b * Math.floor(i / width) + c * (i % width));
      return 0.5 + 0.45 * wave;
    });
  }).flat();
  const x =
    kind === 'bytes' ? Uint8Array.from(values, (v) => Math.round(255 * v)) : Float32Array.from(values);
  const y = Int32Array.from({ length: count }, (_, i) => i % 3);
  return ArrayDataset.fromArrays({ x, xShape, y, classCount: 3 });
}

async function compare(
  data: ArrayDataset,
  spec: AugmentSpec,
  seed: number,
  epoch: number,
  indices: number[],
) {
  const stages = augmentStages(spec, data.xShape);
  const plain = Array.from(data.x, (value) => value * data.scale);
  const y = Array.from(data.y, (value) => [value]);
  const classes = stages.mix.length > 0 ? data.classCount : undefined;
  const expected = augmentReference(stages, { x: plain, y, seed, epoch, indices, classes });
  const found = await augment(device, data, spec, { seed, epoch, indices });
  expect(found.x.shape).toEqual([indices.length, data.xShape[0], stages.output.height, stages.output.width]);
  // Nearest pixels flip where a place lies half way between two.
  const wrong = expected.x.filter((value, i) => !(Math.abs(value - found.x.data[i]) <= 2e-4));
  const share = stages.geometric.some(({ bilinear }) => bilinear) ? 0 : 2e-3;
  expect(wrong.length / expected.x.length).toBeLessThanOrEqual(share);
  expected.y.forEach((value, i) => {
    expect(found.y!.data[i]).toBeCloseTo(value, 5);
  });
}

const CASES: Record<string, AugmentSpec> = {
  flips: [{ type: 'randomHorizontalFlip' }, { type: 'randomVerticalFlip', p: 0.3 }],
  crop: [{ type: 'randomCrop', padding: 2 }, { type: 'randomHorizontalFlip' }],
  'crop of another size': [{ type: 'randomCrop', size: [5, 8], padding: [1, 2, 0, 3], fill: 0.7 }],
  'crop reflected': [{ type: 'randomCrop', padding: 4, fillMode: 'reflect' }],
  'resized crop': [{ type: 'randomResizedCrop', size: 6, scale: [0.2, 1] }],
  rotation: [{ type: 'randomRotation', degrees: 45, interpolation: 'bilinear' }],
  'rotation to the nearest pixel': [{ type: 'randomRotation', degrees: [10, 80], fill: 0.5 }],
  affine: [
    {
      type: 'randomAffine',
      degrees: 20,
      translate: [0.2, 0.1],
      scale: [0.8, 1.3],
      shear: [-10, 10, -5, 5],
      interpolation: 'bilinear',
      fillMode: 'wrap',
    },
  ],
  'affine behind a crop': [
    { type: 'randomCrop', padding: 3, fill: 1 },
    {
      type: 'randomAffine',
      degrees: 30,
      scale: [0.5, 2],
      interpolation: 'bilinear',
      fillMode: 'reflect',
      p: 0.7,
    },
  ],
  ranges: {
    rotationRange: 45,
    widthShiftRange: 0.2,
    heightShiftRange: 3,
    shearRange: 20,
    zoomRange: 0.2,
    horizontalFlip: true,
    verticalFlip: true,
    brightnessRange: [0.6, 1.4],
  },
  'ranges, constant': { rotationRange: 90, widthShiftRange: 0.5, fillMode: 'constant', cval: 0.25 },
  'ranges, reflect': { rotationRange: 30, heightShiftRange: 0.9, zoomRange: [2, 3], fillMode: 'reflect' },
  'ranges, wrap': { shearRange: 40, widthShiftRange: 0.9, fillMode: 'wrap' },
  color: [{ type: 'colorJitter', brightness: 0.5, contrast: 0.5, saturation: 0.6, hue: 0.2 }],
  'color behind a rotation': [
    { type: 'randomRotation', degrees: 20, interpolation: 'bilinear' },
    { type: 'colorJitter', contrast: [0.2, 0.4], p: 0.5 },
    { type: 'gaussianNoise', sigma: 0.2 },
  ],
  noise: [{ type: 'gaussianNoise', mean: 0.1, sigma: 0.3, clip: false }],
  erasing: [{ type: 'randomErasing', p: 0.9, value: [0.1, 0.2, 0.3] }],
  'erasing with noise': [{ type: 'randomErasing', p: 1, value: 'random' }],
  normalize: [{ type: 'normalize', mean: [0.4, 0.5, 0.6], std: 0.25 }],
  mixup: [{ type: 'randomHorizontalFlip' }, { type: 'mixup', alpha: 0.4 }],
  cutmix: [{ type: 'randomCrop', padding: 2 }, { type: 'cutmix' }],
  'mixup or cutmix': [
    { type: 'colorJitter', contrast: 0.4 },
    { type: 'mixup', alpha: 0.2, p: 0.8 },
    { type: 'cutmix', alpha: 2 },
  ],
};

const BYTES = ['flips', 'crop', 'color', 'mixup or cutmix'];

describe('augment against its reference', () => {
  it.each(Object.entries(CASES))('%s', async (name, spec) => {
    // Every pipeline takes a second to compile: bytes where it pays.
    const kind = BYTES.includes(name) ? 'bytes' : 'floats';
    const indices = Array.from({ length: 24 }, (_, i) => (7 * i) % 9);
    await compare(images([3, 9, 7], 9, kind), spec, 2 ** 33 + 11, 4, indices);
    await compare(images([3, 8, 8], 5, kind), spec, 3, 0, [4, 4, 0, 1, 2, 3, 3]);
  });

  it('takes gray images and those of other channels', async () => {
    const spec: AugmentSpec = [
      { type: 'randomAffine', degrees: 15, interpolation: 'bilinear' },
      { type: 'gaussianNoise' },
      { type: 'mixup' },
    ];
    await compare(images([1, 6, 11], 4, 'bytes'), spec, 1, 1, [0, 1, 2, 3]);
    await compare(images([4, 6, 11], 4, 'floats'), spec, 1, 2, [0, 1, 2, 3]);
    await compare(
      images([1, 6, 11], 4, 'floats'),
      [{ type: 'colorJitter', contrast: 0.9, hue: 0.5 }],
      1,
      3,
      [3, 1],
    );
  });

  it('draws from random specs what the reference does', async () => {
    const random = new Random(17, 'specs');
    const modes = ['nearest', 'constant', 'reflect', 'wrap'] as const;
    for (let i = 0; i < 12; i++) {
      const fillMode = modes[random.integer(4)];
      const spec: AugmentSpec = [
        {
          type: 'randomCrop',
          padding: random.integer(4),
          size: [3 + random.integer(2), 4],
          fillMode,
        },
        {
          type: 'randomAffine',
          degrees: random.uniform(0, 180),
          translate: [random.uniform(), random.uniform()],
          scale: [random.uniform(0.3, 1), random.uniform(1, 3)],
          shear: random.uniform(0, 40),
          interpolation: 'bilinear',
          fillMode: modes[random.integer(4)],
          fill: random.uniform(),
        },
        { type: 'randomErasing', scale: [0.1, random.uniform(0.2, 0.9)], ratio: [0.5, 2] },
      ];
      const shape = [random.integer(2) * 2 + 1, 4 + random.integer(8), 4 + random.integer(8)];
      await compare(images(shape, 3, 'floats', i), spec, random.integer(1e6), i, [0, 1, 2, 0, 1, 2]);
    }
  });
});

/** Bright squares or crosses at any place and size, drawn with an alpha channel as files have it. */
async function folderOfImages(count: number, seed: number) {
  const random = new Random(seed, 'folder');
  const SIDE = 16;
  const files = Array.from({ length: count }, (_, i) => {
    const [cx, cy, r] = [random.uniform(6, 10), random.uniform(6, 10), random.uniform(3, 5)];
    const isCross = i % 2 === 1;
    const data = new Uint8Array(4 * SIDE * SIDE).fill(255);
    for (let at = 0; at < SIDE * SIDE; at++) {
      const [x, y] = [Math.abs((at % SIDE) - cx), Math.abs(Math.floor(at / SIDE) - cy)];
      const isInk = isCross ? Math.abs(x - y) < 1.2 && x < r : Math.max(x, y) < r;
      data.set(isInk ? [20, 30, 90, 255] : [200, 190, 170, 255], 4 * at);
    }
    return { name: `shapes/${isCross ? 'cross' : 'square'}/${i}.png`, bytes: Uint8Array.of(i), data };
  });
  const decode = async ({ bytes }: { bytes: Uint8Array }) => ({
    width: SIDE,
    height: SIDE,
    data: files[bytes[0]].data,
  });
  return (await loadImageFolder(files, { decode })).train;
}

describe('a folder of images through augmentation', () => {
  it('is learned with rotation 45, shifts, shear, zoom 0.2, flips and nearest fill', async () => {
    const [train, test] = standardized(await folderOfImages(64, 1), await folderOfImages(40, 2));
    const model = new nn.Sequential(
      new nn.Conv2d(3, 8, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(8, 8, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Linear(128, 2),
    );
    const one = new Trainer(device, model, {
      loss: 'crossEntropy',
      optimizer: { type: 'adam', lr: 5e-3 },
      seed: 1,
    });
    await one.fit(train, {
      epochs: 15,
      batchSize: 16,
      augment: {
        rotationRange: 45,
        widthShiftRange: 0.2,
        heightShiftRange: 0.2,
        shearRange: 0.2,
        zoomRange: 0.2,
        horizontalFlip: true,
        fillMode: 'nearest',
      },
    });
    expect((await one.evaluate(test)).accuracy).toBeGreaterThan(0.95);
    await one.dispose();
  });
});

describe('fit with augment', () => {
  const data = images([1, 6, 6], 20, 'bytes', 8);
  const spec: AugmentSpec = [{ type: 'randomCrop', padding: 2 }, { type: 'gaussianNoise' }];
  const trainer = () =>
    new Trainer(device, mlp({ inFeatures: 36, hidden: [6], numClasses: 3 }), {
      loss: 'crossEntropy',
      optimizer: { type: 'sgd', lr: 0.1 },
      seed: 4,
    });

  it('sees what the preview shows, in every epoch something else', async () => {
    const one = trainer();
    const losses: number[] = [];
    await one.fit(data, {
      epochs: 2,
      batchSize: 20,
      shuffle: false,
      augment: spec,
      onStep: ({ loss }) => void losses.push(loss),
    });
    const shown = await Promise.all([0, 1].map((epoch) => augment(device, data, spec, { seed: 4, epoch })));
    const other = trainer();
    const again: number[] = [];
    for (const { x } of shown) {
      const plain = ArrayDataset.fromArrays({ x: x.data, xShape: data.xShape, y: data.y, classCount: 3 });
      const { epochs } = await other.fit(plain, { batchSize: 20, shuffle: false });
      again.push(epochs[0].loss);
    }
    expect(again).toEqual(losses);
    expect(shown[0].x.data).not.toEqual(shown[1].x.data);
    await Promise.all([one.dispose(), other.dispose()]);
  });

  it('draws the same however the data is cut into batches', async () => {
    const epochLoss = async (batchSize: number) => {
      const one = new Trainer(device, mlp({ inFeatures: 36, hidden: [6], numClasses: 3 }), {
        loss: { type: 'crossEntropy', reduction: 'sum' },
        optimizer: { type: 'sgd', lr: 0 },
        seed: 4,
      });
      const { epochs } = await one.fit(data, { batchSize, augment: [...spec, { type: 'mixup' }] });
      await one.dispose();
      return epochs[0].loss;
    };
    expect(await epochLoss(7)).toBeCloseTo(await epochLoss(20), 4);
  });

  it('goes on from a checkpoint to the same bits, and leaves evaluation alone', async () => {
    const whole = trainer();
    const before = await whole.evaluate(data);
    const files: Uint8Array[] = [];
    await whole.fit(data, {
      epochs: 3,
      batchSize: 8,
      augment: spec,
      onStep: async ({ epoch, step }) => {
        if (epoch === 1 && step === 4) files.push(await whole.checkpoint());
      },
    });
    const resumed = trainer();
    await resumed.fit(data, { epochs: 3, batchSize: 8, augment: spec, resume: files[0] });
    expect(await resumed.stateDict()).toEqual(await whole.stateDict());
    const fresh = trainer();
    expect(await fresh.evaluate(data)).toEqual(before);
    await Promise.all([whole, resumed, fresh].map((one) => one.dispose()));
  });

  it('draws by the step inside of a TrainStep, and not in evaluation', async () => {
    const conv = new nn.Conv2d(1, 2, 3);
    const step = new TrainStep(
      device,
      (inputs) => {
        const { x, y } = augmentBatch(
          { x: inputs.x, y: inputs.y },
          [{ type: 'gaussianNoise' }, { type: 'mixup' }],
          {
            classes: 2,
          },
        );
        return { loss: ops.mean(conv.forward(x)), x, y: y ?? inputs.y };
      },
      { parameters: conv, optimizer: { type: 'sgd', lr: 0 }, seed: 2 },
    );
    const x = { shape: [2, 1, 6, 6], data: images([1, 6, 6], 2, 'floats').x };
    const batch = { x, y: { shape: [2], data: Int32Array.of(0, 1) } };
    const stages = augmentStages([{ type: 'gaussianNoise' }, { type: 'mixup' }], [1, 6, 6]);
    for (const epoch of [0, 1]) {
      await step.run(batch);
      const found = await step.read();
      const expected = augmentReference(stages, {
        x: x.data,
        y: [[0], [1]],
        classes: 2,
        seed: 2,
        epoch,
        indices: [0, 1],
      });
      const values = (found.x as { data: ArrayLike<number> }).data;
      expected.x.forEach((value, i) => {
        expect(values[i]).toBeCloseTo(value, 5);
      });
      expect((found.y as { shape: number[] }).shape).toEqual([2, 2]);
    }
    expect(((await step.evaluate(batch)).x as { data: unknown }).data).toEqual(x.data);
    await step.dispose();
  });

  it('refuses what would spoil data in silence', async () => {
    const one = trainer();
    const training = (augment: unknown, samples = data) =>
      one.fit(samples, { augment: augment as AugmentSpec });
    await expect(training([{ type: 'randomCrop', paddng: 2 }])).rejects.toThrow(
      /paddng.*Did you mean padding/,
    );
    await expect(training([{ type: 'randomcrop' }])).rejects.toThrow(/Did you mean randomCrop/);
    await expect(training({ rotationRnage: 2 })).rejects.toThrow(/Did you mean rotationRange/);
    await expect(training('flip')).rejects.toThrow(/a list of transforms/);
    await expect(training([{ type: 'gaussianNoise' }, { type: 'randomHorizontalFlip' }])).rejects.toThrow(
      /randomHorizontalFlip is after gaussianNoise.*Put randomHorizontalFlip before/,
    );
    const wide = ArrayDataset.fromArrays({ x: Float32Array.of(-1, 2, 0, 1), xShape: [1, 2, 2], y: [0] });
    await expect(training([{ type: 'colorJitter', brightness: 0.1 }], wide)).rejects.toThrow(
      /-1 in sample 0.*0 to 1/,
    );
    const masks = ArrayDataset.fromArrays({
      x: new Uint8Array(8),
      xShape: [2, 2, 2],
      y: new Int32Array(4),
      yShape: [2, 2],
    });
    await expect(training([{ type: 'randomVerticalFlip' }], masks)).rejects.toThrow(
      /targets \[2, 2\] for each pixel/,
    );
    const rows = ArrayDataset.fromArrays({
      x: [
        [1, 2],
        [3, 4],
      ],
      y: [0, 1],
    });
    await expect(training([{ type: 'randomCrop' }], rows)).rejects.toThrow(/samples that are no images/);
    const unlabelled = ArrayDataset.fromArrays({
      x: new Uint8Array(8),
      xShape: [1, 2, 2],
      y: Int32Array.of(0, -100),
    });
    await expect(training([{ type: 'mixup' }], unlabelled)).rejects.toThrow(/sample 1 without a label/);
    await one.dispose();
  });
});

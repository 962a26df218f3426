// The flags of `gradloom train`: defaults, checks and the words of refusals.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GradloomError } from '../errors';
import { lenetSpec } from '../models/lenet';
import { mlpSpec } from '../models/mlp';
import { augmentOf, checkAugment } from './augment-flag';
import { addTrainFlags, modelOf, type TrainFlags } from './options';
import { optimizerOf, scheduleOf, trainingOf } from './training-flags';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradloom-options-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function parse(...args: string[]): TrainFlags {
  const command = addTrainFlags(new Command('train').exitOverride().configureOutput({ writeErr: () => {} }));
  return command.parse(args, { from: 'user' }).opts();
}

function refusal(action: () => unknown): GradloomError {
  try {
    action();
  } catch (error) {
    return error as GradloomError;
  }
  throw new Error('nothing was refused');
}

describe('addTrainFlags', () => {
  it('has the defaults that train the default model', () => {
    expect(parse()).toEqual({
      data: 'digits',
      optimizer: 'adam',
      schedule: 'constant',
      validationSplit: 0,
      shuffle: true,
      seed: 0,
    });
  });

  it('reads every flag', () => {
    const flags = parse(
      ...['--model', 'mlp', '--data', 'd.csv', '--epochs', '2', '--batch-size', '8', '--lr', '1e-3'],
      ...[
        '--optimizer',
        'adamW',
        '--schedule',
        'cosine',
        '--weight-decay',
        '0.01',
        '--validation-split',
        '0.25',
        '--no-shuffle',
      ],
      ...['--seed', '7', '--out', 'o.safetensors', '--json', '--browser', '/usr/bin/chrome'],
    );
    expect(flags).toEqual({
      model: 'mlp',
      data: 'd.csv',
      epochs: 2,
      batchSize: 8,
      lr: 0.001,
      optimizer: 'adamW',
      schedule: 'cosine',
      weightDecay: 0.01,
      validationSplit: 0.25,
      shuffle: false,
      seed: 7,
      out: 'o.safetensors',
      json: true,
      browser: '/usr/bin/chrome',
    });
  });

  it.each([
    ['--epochs', '0', 'whole number of at least 1'],
    ['--epochs', '2.5', 'whole number of at least 1'],
    ['--batch-size', '1e3', 'whole number of at least 1'],
    ['--seed', '-1', 'whole number of at least 0'],
    ['--lr', '0', 'number above 0'],
    ['--lr', '', 'number above 0'],
    ['--lr', 'Infinity', 'number above 0'],
    ['--weight-decay', '-0.1', 'number of at least 0'],
    ['--validation-split', '1', 'number from 0 to below 1'],
    ['--optimizer', 'adagard', 'Allowed choices are sgd, adam, adamW'],
  ])('refuses %s %s', (flag, value, expected) => {
    expect(() => parse(`${flag}=${value}`)).toThrow(expected);
  });
});

describe('optimizerOf', () => {
  it('gives each optimizer its own learning rate, and sgd momentum', () => {
    expect(optimizerOf(parse())).toEqual({ type: 'adam', lr: 0.002 });
    expect(optimizerOf(parse('--optimizer', 'sgd'))).toMatchObject({ type: 'sgd', lr: 0.05, momentum: 0.9 });
    expect(optimizerOf(parse('--optimizer', 'sgd', '--momentum', '0'))).toMatchObject({ momentum: 0 });
  });

  it('refuses momentum for an optimizer without it', () => {
    expect(refusal(() => optimizerOf(parse('--momentum', '0.5')))).toMatchObject({
      code: 'argument',
      argument: '--momentum',
    });
  });
});

describe('flags of training', () => {
  it('reach every optimizer and schedule with their own options', () => {
    const rmsprop = parse(
      ...['--optimizer', 'rmsprop', '--momentum', '0.9', '--optimizer-option', 'centered=true'],
      ...['--optimizer-option', 'alpha=0.95', '--weight-decay', '0.01'],
    );
    expect(optimizerOf(rmsprop)).toEqual({
      type: 'rmsprop',
      momentum: 0.9,
      centered: true,
      alpha: 0.95,
      weightDecay: 0.01,
    });
    expect(optimizerOf(parse('--optimizer', 'lion', '--betas', '0.8,0.9'))).toEqual({
      type: 'lion',
      betas: [0.8, 0.9],
    });
    expect(scheduleOf(parse())).toBeUndefined();
    expect(scheduleOf(parse('--schedule', 'cosine'))).toEqual({ type: 'cosineAnnealingLR' });
    const steps = parse(
      '--schedule',
      'multiStepLR',
      '--schedule-option',
      'milestones=10,20',
      '--schedule-option',
      'gamma=0.5',
    );
    expect(scheduleOf(steps)).toEqual({ type: 'multiStepLR', milestones: [10, 20], gamma: 0.5 });
    expect(scheduleOf(parse('--schedule', 'oneCycleLR', '--lr', '0.1'))).toEqual({
      type: 'oneCycleLR',
      maxLr: 0.1,
    });
  });

  it('clip, average, stop early and weigh classes', () => {
    expect(trainingOf(parse())).toEqual({});
    const flags = parse(
      ...['--clip', '1', '--clip-value', '0.5', '--ema', '0.99', '--early-stopping', '3'],
      ...['--monitor', 'validationAccuracy', '--class-weights', '1,2,3'],
    );
    expect(trainingOf(flags)).toEqual({
      clip: { maxNorm: 1, value: 0.5 },
      ema: 0.99,
      earlyStopping: { patience: 3, monitor: 'validationAccuracy' },
      classWeight: [1, 2, 3],
    });
    expect(trainingOf(parse('--class-weights', 'balanced'))).toEqual({ classWeight: 'balanced' });
  });

  it.each([
    [['--optimizer', 'adam', '--nesterov'], /--nesterov is true.*sgd, muon/],
    [['--optimizer-option', 'amsgrd=true'], /--optimizer-option is amsgrd of adam.*Did you mean amsgrad/],
    [['--optimizer-option', 'eps=-1'], /eps of adam/],
    [
      ['--schedule', 'stepLR', '--schedule-option', 'stepsize=3'],
      /--schedule-option is stepsize.*Did you mean stepSize/,
    ],
    [['--monitor', 'loss'], /--monitor is loss.*--early-stopping with it/],
  ])('%j is refused', (args, message) => {
    const flags = parse(...args);
    expect(() => [optimizerOf(flags), scheduleOf(flags), trainingOf(flags)]).toThrow(message);
  });

  it.each([
    [['--optimizer', 'adams'], /adams/],
    [['--betas', '0.9'], /two numbers/],
    [['--ema', '1'], /below 1/],
    [['--early-stopping', '0'], /from 1, whole/],
    [['--class-weights', '1,,2'], /balanced, or numbers/],
    [['--optimizer-option', 'amsgrad'], /name=value/],
  ])('%j is refused when it is read', (args, message) => {
    expect(() => parse(...args)).toThrow(message);
  });
});

describe('modelOf', () => {
  it('makes ready models for images of any size and number of classes', () => {
    const images = { xShape: [3, 32, 32], xSize: 3072, classCount: 10 };
    expect(modelOf('resnet18').specFor(images)).toEqual({
      type: 'resnet',
      depth: 18,
      channels: 3,
      numClasses: 10,
      smallImages: true,
    });
    expect(modelOf('cnn').specFor({ ...images, xShape: [1, 28, 28] })).toEqual({
      type: 'cnn',
      channels: 1,
      numClasses: 10,
    });
    expect(() => modelOf('vgg16').specFor({ xShape: [4], xSize: 4, classCount: 3 })).toThrow(
      /--model is vgg16.*images/,
    );
    expect(() => modelOf('resnet81')).toThrow(/Did you mean resnet18/);
  });

  it('knows models by name and reads specs from files', () => {
    const file = join(folder, 'tiny.json');
    writeFileSync(file, '{"layers": []}');
    const table = { xShape: [4], xSize: 4, classCount: 3 };
    expect(modelOf(file).name).toBe('tiny');
    expect(modelOf(file).specFor(table)).toEqual({ layers: [] });
    expect(modelOf('mlp').specFor(table)).toEqual(mlpSpec({ inFeatures: 4, numClasses: 3 }));
    const numbers = { xShape: [4], xSize: 4, classCount: undefined };
    expect(modelOf('mlp').specFor(numbers)).toEqual(mlpSpec({ inFeatures: 4, numClasses: 1 }));
    const images = { xShape: [3, 28, 28], xSize: 2352, classCount: 5 };
    expect(modelOf('lenet').specFor(images)).toEqual(lenetSpec({ channels: 3, numClasses: 5 }));
  });

  it('suggests the nearest name', () => {
    expect(refusal(() => modelOf('LeNet5')).message).toMatch(/Did you mean lenet\?$/);
  });

  it('tells a missing file from one that is no JSON', () => {
    const file = join(folder, 'broken.json');
    writeFileSync(file, '{');
    expect(refusal(() => modelOf(join(folder, 'none.json'))).message).toMatch(/cannot be read \(ENOENT/);
    expect(refusal(() => modelOf(file))).toMatchObject({
      code: 'spec',
      got: expect.stringMatching(/no JSON/),
    });
  });
});

describe('--augment', () => {
  it('is names with options, or JSON', () => {
    expect(augmentOf('randomCrop:padding=4:fillMode=reflect, randomResizedCrop:scale=0.5..1')).toEqual([
      { type: 'randomCrop', padding: 4, fillMode: 'reflect' },
      { type: 'randomResizedCrop', scale: [0.5, 1] },
    ]);
    expect(augmentOf('{"rotationRange": 45}')).toEqual({ rotationRange: 45 });
  });
  it('is refused where it is wrong, before a browser is started', () => {
    expect(refusal(() => augmentOf('randomCrop:pading=4')).message).toMatch(/Did you mean padding/);
    expect(refusal(() => augmentOf('randomCrop:4')).message).toMatch(/randomCrop:padding=4/);
    expect(refusal(() => augmentOf('[{')).message).toMatch(/no JSON/);
    const spec = augmentOf('randomCrop:padding=4');
    expect(refusal(() => checkAugment(spec, {})).message).toMatch(/--augment is given, for a text/);
    expect(refusal(() => checkAugment(spec, { xShape: [4] })).message).toMatch(/no images/);
  });
  it('comes with the size of images', () => {
    expect(parse('--image-size', '48x64').imageSize).toEqual([48, 64]);
    expect(parse('--image-size', '32').imageSize).toEqual([32, 32]);
    expect(refusal(() => parse('--image-size', '0')).message).toMatch(/height and width from 1 to 4096/);
  });
});

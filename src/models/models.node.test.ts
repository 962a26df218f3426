// The published models at full size: as many parameters as torchvision documents, under its names.
import { describe, expect, it } from 'vitest';
import { fromSpec } from '../spec';

const sizeOf = (spec: unknown) =>
  fromSpec(spec)
    .parameters()
    .reduce((sum, { size }) => sum + size, 0);

describe('parameters at full size', () => {
  // From the tables of torchvision.models; googlenet's is without auxiliary heads there, 13,004,888 with them.
  it.each([
    [{ type: 'alexnet' }, 61_100_840],
    [{ type: 'vgg', depth: 11 }, 132_863_336],
    [{ type: 'vgg', depth: 11, batchNorm: true }, 132_868_840],
    [{ type: 'vgg', depth: 13 }, 133_047_848],
    [{ type: 'vgg', depth: 16 }, 138_357_544],
    [{ type: 'vgg', depth: 16, batchNorm: true }, 138_365_992],
    [{ type: 'vgg', depth: 19 }, 143_667_240],
    [{ type: 'googlenet', auxLogits: false }, 6_624_904],
    [{ type: 'googlenet' }, 13_004_888],
    [{ type: 'resnet', depth: 18 }, 11_689_512],
    [{ type: 'resnet', depth: 34 }, 21_797_672],
    [{ type: 'resnet', depth: 50 }, 25_557_032],
    [{ type: 'resnet', depth: 101 }, 44_549_160],
    [{ type: 'resnet', depth: 152 }, 60_192_808],
    [{ type: 'mobilenetV2' }, 3_504_872],
    [{ type: 'lenet' }, 61_706],
  ])('%j has as many as published', (spec, published) => {
    expect(sizeOf(spec)).toBe(published);
  });
});

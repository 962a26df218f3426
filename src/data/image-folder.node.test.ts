import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../crc32';
import { loadCifar100 } from './cifar';
import { loadFolder } from './folder';
import { loadImageFolder } from './image-folder';
import { imageBytes, imageGrid, imageTensor } from './image-size';

/** A PNG of RGBA pixels. */
function png(width: number, height: number, color: (x: number, y: number) => number[]): Uint8Array {
  const rows = Array.from({ length: height }, (_, y) => [
    0,
    ...Array.from({ length: width }, (_, x) => color(x, y)).flat(),
  ]).flat();
  const chunk = (kind: string, content: Uint8Array) => {
    const body = Uint8Array.of(...[...kind].map((c) => c.charCodeAt(0)), ...content);
    const out = new Uint8Array(body.length + 8);
    const view = new DataView(out.buffer);
    view.setUint32(0, content.length);
    out.set(body, 4);
    view.setUint32(body.length + 4, crc32(body));
    return [...out];
  };
  const head = new Uint8Array(13);
  new DataView(head.buffer).setUint32(0, width);
  new DataView(head.buffer).setUint32(4, height);
  head.set([8, 6, 0, 0, 0], 8);
  const data = new Uint8Array(deflateSync(Uint8Array.from(rows)));
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  return Uint8Array.from([
    ...signature,
    ...chunk('IHDR', head),
    ...chunk('IDAT', data),
    ...chunk('IEND', new Uint8Array()),
  ]);
}

const red = png(4, 4, () => [255, 0, 0, 255]);
const blue = png(4, 4, () => [0, 0, 255, 255]);
const file = (name: string, bytes: Uint8Array = red) => ({ name, bytes });

describe('loadImageFolder', () => {
  it('takes classes from folders, whatever holds them, and leaves other files out', async () => {
    const files = [
      file('pets/dogs/b.PNG', blue),
      file('pets/cats/a.png'),
      file('pets/cats/nested/c.png', blue),
      file('pets/.DS_Store'),
      file('pets/README.md'),
    ];
    const { train, validation } = await loadImageFolder(files);
    expect([train.classes, Array.from(train.y), train.xShape]).toEqual([
      ['cats', 'dogs'],
      [0, 0, 1],
      [3, 4, 4],
    ]);
    expect([train.x[0], train.x[48 + 32], validation]).toEqual([255, 255, undefined]);
    expect((await loadImageFolder([file('only/a.png')])).train.classes).toEqual(['only']);
  });

  it('knows the parts of ImageNet', async () => {
    const paths = [
      'imagenet/train/n01/1.png',
      'imagenet/train/n02/2.png',
      'imagenet/val/n02/3.png',
      'imagenet/test/n01/4.png',
    ];
    const { train, validation, test } = await loadImageFolder(paths.map((path) => file(path)));
    expect([train, validation!, test!].map(({ y }) => Array.from(y))).toEqual([[0, 1], [1], [0]]);
    expect(validation!.classes).toEqual(['n01', 'n02']);
  });

  it('takes train and test for classes where no class is below them', async () => {
    const { train } = await loadImageFolder([file('train/1.png'), file('plane/2.png')]);
    expect(train.classes).toEqual(['plane', 'train']);
  });

  it('reads a directory handle', async () => {
    const directory = (entries: Record<string, unknown>) => ({
      kind: 'directory',
      async *entries() {
        yield* Object.entries(entries);
      },
    });
    const handle = (bytes: Uint8Array) => ({
      kind: 'file',
      getFile: async () => new File([bytes as Uint8Array<ArrayBuffer>], 'x'),
    });
    const root = directory({
      cats: directory({ 'a.png': handle(red) }),
      dogs: directory({ 'b.png': handle(blue) }),
    });
    const { train } = await loadImageFolder(root as unknown as FileSystemDirectoryHandle, {
      size: 2,
      channels: 1,
    });
    expect([train.xShape, Array.from(train.x)]).toEqual([
      [1, 2, 2],
      [76, 76, 76, 76, 29, 29, 29, 29],
    ]);
  });

  it('names the file that is wrong', async () => {
    await expect(
      loadImageFolder([
        file('a/1.png'),
        file(
          'b/2.png',
          png(5, 4, () => [0, 0, 0, 255]),
        ),
      ]),
    ).rejects.toThrow(/b\/2.png is 4x5, where a\/1.png is 4x4.*Give size/);
    await expect(loadImageFolder([file('a/1.png', red.subarray(0, 50))])).rejects.toThrow(/a\/1.png/);
    await expect(loadImageFolder([file('1.png')])).rejects.toThrow(/1.png is in no folder of a class/);
    await expect(loadImageFolder([file('a/1.txt')])).rejects.toThrow(/1 files, none of them an image/);
    await expect(loadImageFolder([file('train/a/1.png'), file('val/b/1.png')])).rejects.toThrow(
      /val\/b\/1.png is class b, which train does not have/,
    );
    await expect(loadImageFolder([file('a/1.png')], { background: [0, 0] as never })).rejects.toThrow(
      /background/,
    );
    await expect(loadImageFolder([file('a/1.png')], { fit: 'cover' as never })).rejects.toThrow(
      /crop, stretch, pad/,
    );
  });
});

describe('images at another size', () => {
  const ramp = { width: 4, height: 2, data: Uint8Array.from([0, 40, 80, 120, 0, 40, 80, 120]) };
  it('keeps them where nothing is to be done', () => {
    expect(imageBytes(ramp, { channels: 1 })).toEqual(ramp.data);
  });
  it('cuts the middle out, squeezes or pads', () => {
    expect(Array.from(imageBytes(ramp, { size: 2, channels: 1 }))).toEqual([40, 80, 40, 80]);
    // torch.nn.functional.interpolate(mode='bilinear', antialias=True): 28.57 and 91.43
    expect(Array.from(imageBytes(ramp, { size: 2, channels: 1, fit: 'stretch' }))).toEqual([29, 91, 29, 91]);
    const padded = imageBytes(ramp, { size: 4, channels: 1, fit: 'pad', background: [9, 9, 9] });
    expect(Array.from(padded)).toEqual([9, 9, 9, 9, ...ramp.data, 9, 9, 9, 9]);
  });
  it('grows them without a border', () => {
    const wide = imageBytes(
      { width: 2, height: 1, data: Uint8Array.of(0, 100) },
      { size: [1, 4], channels: 1, fit: 'stretch' },
    );
    expect(Array.from(wide)).toEqual([0, 25, 75, 100]);
  });
  it('puts a background behind what is transparent', () => {
    const half = { width: 1, height: 1, data: Uint8Array.of(200, 100, 0, 51) };
    expect(Array.from(imageBytes(half))).toEqual([244, 224, 204]);
    expect(Array.from(imageBytes(half, { background: [0, 0, 0] }))).toEqual([40, 20, 0]);
  });
  it('become tensors, and tensors pixels', () => {
    const tensor = imageTensor(ramp, { channels: 1 });
    expect([tensor.shape, tensor.data[3]]).toEqual([[1, 1, 2, 4], Math.fround(120 / 255)]);
    const grid = imageGrid({ shape: [3, 1, 1, 1], data: [0, 0.5, 1] }, { columns: 2, gap: 1 });
    expect([grid.width, grid.height, grid.data[0], grid.data[8], grid.data[4 * 6]]).toEqual([
      3, 3, 0, 128, 255,
    ]);
    expect(() => imageTensor({} as never)).toThrow(/canvas, video/);
    expect(() => imageGrid({ shape: [1, 2, 3, 3], data: [] })).toThrow(/1 or 3/);
  });
});

it('CIFAR-100 is told by the size of its files', async () => {
  const bytes = new Uint8Array(2 * 3074);
  bytes.set([19, 99], 0);
  bytes.set([0, 1, 7], 3074);
  const { train, test } = await loadFolder([file('train.bin', bytes), file('test.bin', bytes)]);
  expect([Array.from(train.y), train.classes![99], test!.length]).toEqual([[99, 1], 'worm', 2]);
  expect(train.x[3072]).toBe(7);
  expect(Array.from((await loadCifar100(bytes, { labels: 'coarse' })).y)).toEqual([19, 0]);
  bytes[0] = 20;
  await expect(loadCifar100(bytes)).rejects.toThrow(/labelled 20 at image 0.*0..19/);
});

/**
 * The binary layout of CIFAR-10: for each image a label byte, then 1024 red, 1024 green and 1024 blue bytes, row
 * by row. Source: https://www.cs.toronto.edu/~kriz/cifar.html.
 */
import { GradloomError } from '../errors';
import { ArrayDataset } from './dataset';
import { type DataSource, readSource } from './source';

/** The names of the ten classes in the order of their labels. */
export const CIFAR10_CLASSES: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

const PIXELS = 3 * 32 * 32;

/**
 * One or more CIFAR-10 files (`data_batch_1.bin` ...), plain or gzip, in the given order as one data set: inputs
 * `[3, 32, 32]` scaled to 0..1, labels 0..9.
 * @throws GradloomError (code `data`): a truncated or foreign file (says which), a label above 9, no images.
 */
export async function loadCifar10(
  sources: DataSource | readonly DataSource[],
  name?: string,
): Promise<ArrayDataset> {
  const list = Array.isArray(sources) ? (sources as readonly DataSource[]) : [sources as DataSource];
  if (list.length === 0) {
    throw new GradloomError({
      code: 'data',
      op: 'loadCifar10',
      argument: 'sources',
      got: 'an empty list',
      expected: 'at least one file',
      fix: 'Pass the files data_batch_1.bin and so on.',
    });
  }
  const files = await Promise.all(list.map((source) => readSource(source)));
  for (const file of files) checkFile(file.name, file.bytes);
  const count = files.reduce((sum, { bytes }) => sum + bytes.length, 0) / (1 + PIXELS);
  const x = new Uint8Array(count * PIXELS);
  const y = new Int32Array(count);
  let sample = 0;
  for (const { bytes } of files) {
    for (let at = 0; at < bytes.length; at += 1 + PIXELS, sample++) {
      y[sample] = bytes[at];
      x.set(bytes.subarray(at + 1, at + 1 + PIXELS), sample * PIXELS);
    }
  }
  return ArrayDataset.fromArrays({
    name: name ?? files[0]?.name ?? 'CIFAR-10',
    x,
    xShape: [3, 32, 32],
    y,
    classes: CIFAR10_CLASSES,
  });
}

function checkFile(argument: string, bytes: Uint8Array): void {
  const broken = (got: string, expected: string) => {
    const fix = 'The file is truncated or not in the CIFAR-10 binary layout.';
    return new GradloomError({ code: 'data', op: 'loadCifar10', argument, got, expected, fix });
  };
  if (bytes.length % (1 + PIXELS) !== 0) throw broken(`${bytes.length} bytes`, `a multiple of ${1 + PIXELS}`);
  for (let at = 0; at < bytes.length; at += 1 + PIXELS) {
    if (bytes[at] > 9) throw broken(`labelled ${bytes[at]} at image ${at / (1 + PIXELS)}`, 'labels 0..9');
  }
}

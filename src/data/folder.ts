/** Finds the train and test files of an image data set among the files of a folder, by the names in use. */
import { GradloomError, showValue } from '../errors';
import { isCifar100, loadCifar10, loadCifar100 } from './cifar';
import type { ArrayDataset } from './dataset';
import { loadIdx } from './idx';
import { type NamedBytes, readSource } from './source';

/** Which files of a folder make up a data set; `cifar10` stands for CIFAR-100, too, which the size of its files tells. */
export type FolderFiles =
  | { format: 'idx'; train: IdxPair; test?: IdxPair }
  | { format: 'cifar10'; train: string[]; test?: string[] };

/** The names of an image file and the label file that belongs to it. */
export interface IdxPair {
  images: string;
  labels: string;
}

type Role = 'train' | 'test';

/**
 * Picks the files by name, before any is read: MNIST's (`train-images-idx3-ubyte`, `t10k-labels.idx1-ubyte.gz`,
 * also with words before, between and after) or CIFAR's (`data_batch_1.bin`, `test_batch.bin`; `train.bin`, `test.bin`). Where a file
 * is there both plain and as gzip, the plain one is taken.
 * @param names file names, with or without folders before them.
 * @throws GradloomError (code `data`): no training files, a missing half of a pair, several that could be meant.
 */
export function matchFolder(names: readonly string[]): FolderFiles {
  const cifar = { train: [] as string[], test: [] as string[] };
  const idx: Record<Role, { images: string[]; labels: string[] }> = {
    train: { images: [], labels: [] },
    test: { images: [], labels: [] },
  };
  for (const name of withoutCompressedCopies(names)) {
    const base = baseName(name);
    const role = roleOf(base);
    if (!role) continue;
    if (/images?[-._]idx3/.test(base)) idx[role].images.push(name);
    else if (/labels?[-._]idx1/.test(base)) idx[role].labels.push(name);
    else if (/\.bin(\.gz)?$/.test(base)) cifar[role].push(name);
  }
  const train = pair(idx.train, 'train');
  const test = pair(idx.test, 'test');
  if (train) return test ? { format: 'idx', train, test } : { format: 'idx', train };
  if (cifar.train.length > 0) {
    const [first, second] = [cifar.train.sort(), cifar.test.sort()];
    return second.length > 0
      ? { format: 'cifar10', train: first, test: second }
      : { format: 'cifar10', train: first };
  }
  throw new GradloomError({
    code: 'data',
    op: 'loadFolder',
    argument: 'folder',
    got: names.length === 0 ? 'empty' : `without training files (${list(names)})`,
    expected: 'train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or .gz, or data_batch_*.bin',
    fix: 'Name the files as they are published.',
  });
}

/**
 * Loads the train and, where there is one, the test set from the files of a folder (see {@link matchFolder}).
 * @throws GradloomError (code `data`): as `matchFolder`, `loadIdx` and `loadCifar10`, or images of different
 * sizes in train and test.
 */
export async function loadFolder(
  files: readonly NamedBytes[],
): Promise<{ train: ArrayDataset; test?: ArrayDataset }> {
  if (!Array.isArray(files)) {
    const expected = 'a list of { name, bytes }';
    throw new GradloomError({
      code: 'data',
      op: 'loadFolder',
      argument: 'files',
      got: showValue(files),
      expected,
    });
  }
  const match = matchFolder(files.map((file) => file.name));
  const file = (name: string): NamedBytes => files.find((candidate) => candidate.name === name)!;
  if (match.format === 'cifar10') {
    const load = (names: string[]) => loadCifar(names.map(file));
    return { train: await load(match.train), test: match.test && (await load(match.test)) };
  }
  const pairOf = (names: IdxPair) => ({ images: file(names.images), labels: file(names.labels) });
  const train = await loadIdx(pairOf(match.train));
  const { classes, classCount } = train;
  const test = match.test && (await loadIdx({ ...pairOf(match.test), classes, classCount }));
  if (test && test.xShape.join() !== train.xShape.join()) {
    throw new GradloomError({
      code: 'data',
      op: 'loadFolder',
      argument: test.name,
      got: `images of ${test.xShape.slice(1).join('x')}`,
      expected: `${train.xShape.slice(1).join('x')} as in ${train.name}`,
      fix: 'Keep each data set in a folder of its own.',
    });
  }
  return { train, test };
}

/** CIFAR-10 or CIFAR-100, by the size of the files. */
async function loadCifar(files: readonly NamedBytes[]): Promise<ArrayDataset> {
  const { bytes } = await readSource(files[0]);
  return isCifar100(bytes) ? loadCifar100(files) : loadCifar10(files);
}

function baseName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1).toLowerCase();
}

/** Whole words only: `latest-train-images` is no test set. */
function roleOf(base: string): Role | undefined {
  if (/(^|[-_.])(t10k|test)([-_.]|$)/.test(base)) return 'test';
  return /(^|[-_.])(train|data_batch)([-_.]|$)/.test(base) ? 'train' : undefined;
}

/** Drops `a.gz` where `a` is there too. */
function withoutCompressedCopies(names: readonly string[]): string[] {
  const all = new Set(names);
  return names.filter((name) => !(name.endsWith('.gz') && all.has(name.slice(0, -3))));
}

function pair(found: { images: string[]; labels: string[] }, role: Role): IdxPair | undefined {
  const { images, labels } = found;
  if (images.length === 0 && labels.length === 0) return undefined;
  for (const [what, names] of Object.entries(found)) {
    if (names.length === 1) continue;
    throw new GradloomError({
      code: 'data',
      op: 'loadFolder',
      argument: `${role} ${what}`,
      got: names.length === 0 ? 'missing' : list(names),
      expected: 'one file',
      fix: names.length === 0 ? `Add the ${role} ${what}.` : 'Keep each data set in a folder of its own.',
    });
  }
  return { images: images[0], labels: labels[0] };
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 6).join(', ');
  return names.length > 6 ? `${shown}, and ${names.length - 6} more` : shown;
}

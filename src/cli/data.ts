/** Reads what `--data` names into a training and a test set, checked before any browser is started. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { loadCsv } from '../data/csv';
import type { ArrayDataset } from '../data/dataset';
import { makeDigits } from '../data/digits';
import { loadFolder, matchFolder } from '../data/folder';
import { GradloomError, nearest } from '../errors';

export interface LoadedData {
  train: ArrayDataset;
  test: ArrayDataset;
  /** For people: `digits`, or the path. */
  description: string;
}

/** The part of a data set without test examples of its own that is kept for the test. */
const TEST_FRACTION = 0.2;

/**
 * Loads `digits`, a folder with IDX (or CIFAR-10) files, or a CSV file. Without a test file, a fifth of the
 * examples, drawn by `seed`, is the test set.
 * @throws GradloomError (code `data`) for what cannot be found, read or understood
 */
export async function loadData(source: string, seed: number): Promise<LoadedData> {
  if (source === 'digits') return { ...makeDigits(), description: source };
  const found = statSync(source, { throwIfNoEntry: false });
  if (found?.isDirectory()) return loadFolderAt(source, seed);
  if (found && /\.csv(\.gz)?$/i.test(source)) return loadCsvAt(source, seed);
  throw unusable(
    `${source}, ${found ? `a ${extname(source) || 'plain'} file` : 'which does not exist'}`,
    'digits, a folder with IDX files, a .csv or .txt file, dates, date-tags, arithmetic or scrambled:<file>',
    nearest(source, ['digits']) && 'Did you mean digits?',
  );
}

async function loadFolderAt(folder: string, seed: number): Promise<LoadedData> {
  const names = attempt(folder, () => readdirSync(folder));
  const { train: trainFiles, test: testFiles = [] } = matchFolder(names);
  // Only what belongs to the data set is read: the folder may hold much else.
  const wanted = [trainFiles, testFiles].flatMap((part): string[] => Object.values(part));
  const files = wanted.map((name) => ({ name, bytes: read(join(folder, name)) }));
  const { train, test } = await loadFolder(files);
  return withTest(train, test, folder, seed);
}

/** Features are normalized by the training examples' statistics: columns of a table differ in scale. */
async function loadCsvAt(path: string, seed: number): Promise<LoadedData> {
  const all = await loadCsv({ name: basename(path), bytes: read(path) });
  const { train, test } = withTest(all, undefined, path, seed);
  const { mean, std } = train.statistics();
  return {
    train: train.withNormalization(mean, std),
    test: test.withNormalization(mean, std),
    description: path,
  };
}

function withTest(
  all: ArrayDataset,
  test: ArrayDataset | undefined,
  description: string,
  seed: number,
): LoadedData {
  if (test) return { train: all, test, description };
  const [train, rest] = all.split(TEST_FRACTION, seed);
  return { train, test: rest, description };
}

function read(path: string): Uint8Array {
  return attempt(path, () => readFileSync(path));
}

/** Turns the file system's refusals into ours. */
function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unusable(`${path}, which cannot be read (${(error as Error).message})`, 'readable data');
  }
}

function unusable(got: string, expected: string, fix?: string): GradloomError {
  return new GradloomError({ code: 'data', op: 'train', argument: '--data', got, expected, fix });
}

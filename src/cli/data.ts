/** Reads what `--data` names into a training and a test set, checked before any browser is started. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { type CsvTable, parseTable, readText } from '../data/csv';
import { type CategoryPolicy, describeReader, type MissingPolicy } from '../data/csv-columns';
import type { FeatureColumn } from '../data/csv-table';
import { ArrayDataset } from '../data/dataset';
import { makeDigits } from '../data/digits';
import { loadFolder, matchFolder } from '../data/folder';
import { standardized } from '../data/splits';
import { GradloomError, nearest } from '../errors';
import { type ImageFlags, imagePaths, readImages } from './images';
import type { BrowserFlags } from './launch';

export interface LoadedData {
  train: ArrayDataset;
  test: ArrayDataset;
  /** For people: `digits`, or the path. */
  description: string;
  /** What is special of a table. */
  table?: TableInfo;
  /** Whether it is a folder of images. */
  areImages?: boolean;
  /** For people: what became of words, dates and missing values, and of the sizes of images. */
  notes?: string[];
}

/** How a table was read. */
export interface TableInfo {
  /** Names of the features, where the table has a header; in files without `columns` of plain numbers. */
  features?: string[];
  /** The columns of the features, and how they become numbers. */
  columns?: FeatureColumn[];
  /** How many columns the table has. */
  width?: number;
  missing?: MissingPolicy;
  label: CsvTable['label'];
  /** Set for numbers to regress on. */
  target?: TargetScale;
}

/** Targets are trained on as `(value - mean) / std`. */
export interface TargetScale {
  mean: number;
  std: number;
}

/** The flags that say how to read a table. */
export interface TableFlags {
  label?: string;
  task?: 'classification' | 'regression';
  header?: boolean;
  missing?: MissingPolicy;
  categories?: CategoryPolicy;
  dayFirst?: boolean;
  ignore?: string[];
}

/** Missing values are filled in, and told. */
const DEFAULT_MISSING: MissingPolicy = 'median';

/** The part of a data set without test examples of its own that is kept for the test. */
const TEST_FRACTION = 0.2;

/**
 * Loads `digits`, a folder with IDX or CIFAR files or with images by class, or a CSV file. Without a test file, a fifth of the
 * examples, drawn by `seed`, is the test set.
 * @throws GradloomError (code `data`) for what cannot be found, read or understood
 */
export async function loadData(
  source: string,
  seed: number,
  flags: TableFlags & ImageFlags & Partial<BrowserFlags> = {},
): Promise<LoadedData> {
  if (!isTable(source)) refuseTableFlags(source, flags);
  if (source === 'digits') return { ...makeDigits(), description: source };
  const found = statSync(source, { throwIfNoEntry: false });
  if (found?.isDirectory()) return loadFolderAt(source, seed, flags);
  if (found && isTable(source)) return loadCsvAt(source, seed, flags);
  throw unusable(
    `${source}, ${found ? `a ${extname(source) || 'plain'} file` : 'which does not exist'}`,
    'digits, a folder with IDX files or images, a .csv or .txt file, dates, date-tags, arithmetic or scrambled:<file>',
    nearest(source, ['digits']) && 'Did you mean digits?',
  );
}

const isTable = (source: string): boolean => /\.csv(\.gz)?$/i.test(source);

/** Error `argument`: flags of a table for data that is none. */
export function refuseTableFlags(source: string, flags: TableFlags): void {
  const { label, task, header, missing, categories, dayFirst, ignore } = flags;
  const given = Object.entries({
    ...{ '--label': label, '--task': task, '--header': header, '--missing': missing },
    ...{ '--categories': categories, '--day-first': dayFirst, '--ignore': ignore },
  });
  const argument = given.find(([, value]) => value !== undefined)?.[0];
  if (argument === undefined) return;
  const got = `given, for ${source}`;
  throw new GradloomError({ code: 'argument', op: 'train', argument, got, expected: 'a .csv file with it' });
}

async function loadFolderAt(
  folder: string,
  seed: number,
  flags: ImageFlags & Partial<BrowserFlags>,
): Promise<LoadedData> {
  const names = attempt(folder, () => readdirSync(folder));
  const images = names.some(isArrayFile) ? [] : attempt(folder, () => imagePaths(folder));
  if (images.length > 0) return loadImagesAt(folder, images, seed, flags);
  const { train: trainFiles, test: testFiles = [] } = matchFolder(names);
  // Only what belongs to the data set is read: the folder may hold much else.
  const wanted = [trainFiles, testFiles].flatMap((part): string[] => Object.values(part));
  const files = wanted.map((name) => ({ name, bytes: read(join(folder, name)) }));
  const { train, test } = await loadFolder(files);
  return withTest(train, test, folder, seed);
}

/** Files of many images: MNIST's and CIFAR's. */
const isArrayFile = (name: string): boolean => /idx[13]|\.bin(\.gz)?$/i.test(name);

/** Images by class, normalized by the statistics of the training part. */
async function loadImagesAt(
  folder: string,
  paths: readonly string[],
  seed: number,
  flags: ImageFlags & Partial<BrowserFlags>,
): Promise<LoadedData> {
  const { train: all, validation, test, notes } = await readImages(folder, paths, flags);
  const { train, test: rest } = withTest(all, test ?? validation, folder, seed);
  const [normalized, tested] = standardized(train, rest);
  return { train: normalized, test: tested, description: folder, notes, areImages: true };
}

/**
 * Features are normalized by the training examples' statistics, and so are numbers to regress on: columns of a table
 * differ in scale.
 */
async function loadCsvAt(path: string, seed: number, flags: TableFlags): Promise<LoadedData> {
  const { name, text } = await readText({ name: basename(path), bytes: read(path) });
  const { label, missing = DEFAULT_MISSING, task, header, categories, dayFirst, ignore } = flags;
  const table = parseTable(text, {
    ...{ name, labelColumn: label, missing },
    ...{ task, header, categories, dayFirst, ignore },
  });
  const { classes } = table.data;
  if (classes?.length === 1) {
    const got = `${path}, whose label (${describeColumn(table.label)}) is always ${classes[0]}`;
    throw unusable(got, 'two classes at least', 'Name another column with --label');
  }
  const { train, test } = withTest(table.data, undefined, path, seed);
  const { mean, std } = train.statistics();
  const target = classes ? undefined : targetStatistics(train);
  const normalized = (part: ArrayDataset) =>
    ArrayDataset.fromArrays({ ...part, y: target ? scaled(part.y, target) : part.y, mean, std });
  return {
    train: normalized(train),
    test: normalized(test),
    description: path,
    table: { columns: table.columns, width: table.width, missing, label: table.label, target },
    notes: notesOf(table, missing),
  };
}

/** What became of columns that are not plain numbers, and of missing values. */
function notesOf({ columns, filled, dropped }: CsvTable, missing: MissingPolicy): string[] {
  const converted = columns.flatMap(
    ({ reader, index, name }) => describeReader(reader, name ?? `column ${index + 1}`) ?? [],
  );
  const more = converted.length > 8 ? [`... and ${converted.length - 8} columns more`] : [];
  return [
    ...converted.slice(0, 8),
    ...more,
    ...(filled > 0
      ? [`${filled} missing values filled in by the ${missing} of their column (--missing)`]
      : []),
    ...(dropped > 0 ? [`${dropped} rows with missing values left out`] : []),
  ];
}

function targetStatistics({ y }: ArrayDataset): TargetScale {
  const values = Array.from(y);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(variance) || 1 };
}

/** Targets as the model sees them. */
export function scaled(y: Float32Array | Int32Array, { mean, std }: TargetScale): Float32Array {
  return Float32Array.from(y, (value) => (value - mean) / std);
}

/** A column for people: `column 5, species`. */
export function describeColumn({ index, name }: { index: number; name?: string }): string {
  return `column ${index + 1}${name === undefined ? '' : `, ${name}`}`;
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

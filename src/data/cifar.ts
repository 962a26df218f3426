/**
 * The binary layouts of CIFAR-10 and CIFAR-100: for each image a label byte (CIFAR-100: a coarse and a fine one), then 1024 red,
 * 1024 green and 1024 blue bytes, row by row. Source: https://www.cs.toronto.edu/~kriz/cifar.html.
 */
import { checkOptions } from '../checks';
import { GradloomError, unknownName } from '../errors';
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

const FINE =
  'apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can ' +
  'castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin ' +
  'elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard ' +
  'lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear ' +
  'pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark ' +
  'shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone ' +
  'television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm';
const COARSE =
  'aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices ' +
  'household_furniture insects large_carnivores large_man-made_outdoor_things large_natural_outdoor_scenes ' +
  'large_omnivores_and_herbivores medium_mammals non-insect_invertebrates people reptiles small_mammals trees ' +
  'vehicles_1 vehicles_2';

/** The names of CIFAR-100's fine classes in the order of their labels. */
export const CIFAR100_CLASSES: readonly string[] = FINE.split(' ');
/** The names of CIFAR-100's twenty coarse classes. */
export const CIFAR100_COARSE_CLASSES: readonly string[] = COARSE.split(' ');

const PIXELS = 3 * 32 * 32;

interface Layout {
  op: string;
  title: string;
  /** Names of the classes of each label byte. */
  labels: readonly (readonly string[])[];
}

const CIFAR10: Layout = { op: 'loadCifar10', title: 'CIFAR-10', labels: [CIFAR10_CLASSES] };
const CIFAR100: Layout = {
  op: 'loadCifar100',
  title: 'CIFAR-100',
  labels: [CIFAR100_COARSE_CLASSES, CIFAR100_CLASSES],
};

/**
 * One or more CIFAR-10 files (`data_batch_1.bin` ...), plain or gzip, in the given order as one data set: inputs
 * `[3, 32, 32]` scaled to 0..1, labels 0..9.
 * @throws GradloomError (code `data`): a truncated or foreign file (says which), a label above 9, no images.
 */
export function loadCifar10(
  sources: DataSource | readonly DataSource[],
  name?: string,
): Promise<ArrayDataset> {
  return load(CIFAR10, sources, 0, name);
}

/**
 * As {@link loadCifar10}, of CIFAR-100 (`train.bin`, `test.bin`), with its 100 fine or 20 coarse labels.
 * @throws GradloomError as `loadCifar10`; code `argument` for other labels.
 */
export function loadCifar100(
  sources: DataSource | readonly DataSource[],
  options: { labels?: 'fine' | 'coarse'; name?: string } = {},
): Promise<ArrayDataset> {
  checkOptions('loadCifar100', options, ['labels', 'name']);
  const { labels = 'fine', name } = options;
  const which = ['coarse', 'fine'].indexOf(labels);
  if (which < 0) throw unknownName('loadCifar100', 'labels', labels, ['fine', 'coarse']);
  return load(CIFAR100, sources, which, name);
}

/** Whether bytes have the layout of CIFAR-100 and not that of CIFAR-10. */
export const isCifar100 = (bytes: Uint8Array): boolean =>
  bytes.length % (1 + PIXELS) !== 0 && bytes.length % (2 + PIXELS) === 0;

async function load(
  layout: Layout,
  sources: DataSource | readonly DataSource[],
  which: number,
  name?: string,
): Promise<ArrayDataset> {
  const list = Array.isArray(sources) ? (sources as readonly DataSource[]) : [sources as DataSource];
  const { op, title, labels } = layout;
  if (list.length === 0) {
    throw new GradloomError({
      code: 'data',
      op,
      argument: 'sources',
      got: 'an empty list',
      expected: 'at least one file',
      fix: `Pass the files ${title === 'CIFAR-10' ? 'data_batch_1.bin' : 'train.bin'} and so on.`,
    });
  }
  const files = await Promise.all(list.map((source) => readSource(source)));
  for (const file of files) checkFile(layout, file.name, file.bytes);
  const record = labels.length + PIXELS;
  const count = files.reduce((sum, { bytes }) => sum + bytes.length, 0) / record;
  const x = new Uint8Array(count * PIXELS);
  const y = new Int32Array(count);
  let sample = 0;
  for (const { bytes } of files) {
    for (let at = 0; at < bytes.length; at += record, sample++) {
      y[sample] = bytes[at + which];
      x.set(bytes.subarray(at + labels.length, at + record), sample * PIXELS);
    }
  }
  return ArrayDataset.fromArrays({
    name: name ?? files[0]?.name ?? title,
    x,
    xShape: [3, 32, 32],
    y,
    classes: labels[which],
  });
}

function checkFile({ op, title, labels }: Layout, argument: string, bytes: Uint8Array): void {
  const broken = (got: string, expected: string) => {
    const fix = `The file is truncated or not in the ${title} binary layout.`;
    return new GradloomError({ code: 'data', op, argument, got, expected, fix });
  };
  const record = labels.length + PIXELS;
  if (bytes.length % record !== 0) throw broken(`${bytes.length} bytes`, `a multiple of ${record}`);
  for (let at = 0; at < bytes.length; at += record) {
    for (const [i, names] of labels.entries()) {
      const label = bytes[at + i];
      if (label < names.length) continue;
      throw broken(`labelled ${label} at image ${at / record}`, `labels 0..${names.length - 1}`);
    }
  }
}

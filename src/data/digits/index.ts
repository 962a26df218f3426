/**
 * The data set that the project makes itself, so that demos, tests and the first training run need no download:
 * 28x28 grey digits in many hands, the same bytes for the same seed on every machine and in every browser.
 */
import { checkOptions } from '../../checks';
import { GradloomError } from '../../errors';
import { Random } from '../../random';
import { ArrayDataset } from '../dataset';
import { DIGIT_SIZE, drawDigit } from './draw';
import { DIGIT_STYLES, type Style } from './strokes';

/** Options of {@link makeDigits}. */
export interface DigitsOptions {
  /** Any integer from 0; default 0. */
  seed?: number;
  /** Number of training samples; default 10,000. */
  train?: number;
  /** Number of test samples; default 2,000. */
  test?: number;
}

/**
 * Draws the training and the test digits: inputs `[1, 28, 28]` (0 paper, 1 ink after scaling), labels 0..9. Every
 * run of ten samples holds each digit once, in random order. A sample depends on the seed and its index alone: a
 * smaller set is the beginning of a larger one. Takes about a second for the 12,000 of the default.
 * @throws GradloomError (code `argument`) for counts below 1 or a seed that is no integer from 0.
 */
export function makeDigits(options: DigitsOptions = {}): { train: ArrayDataset; test: ArrayDataset } {
  checkOptions('makeDigits', options, ['seed', 'train', 'test']);
  const { seed = 0, train = 10_000, test = 2_000 } = options;
  check('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  check('train', train, 1, TEST_STREAM);
  check('test', test, 1, TEST_STREAM);
  return { train: draw('digits train', seed, 0, train), test: draw('digits test', seed, TEST_STREAM, test) };
}

/** Random streams from here on belong to the test samples, those below to the training samples. */
const TEST_STREAM = 0x40000000;
/** Added to the stream of every tenth sample: the stream that orders the ten labels from there on. */
const ORDER_STREAM = 0x80000000;

function check(argument: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  const expected = `an integer from ${low} to ${high}`;
  throw new GradloomError({ code: 'argument', op: 'makeDigits', argument, got: String(value), expected });
}

function draw(name: string, seed: number, stream: number, count: number): ArrayDataset {
  const size = DIGIT_SIZE * DIGIT_SIZE;
  const x = new Uint8Array(count * size);
  const y = new Int32Array(count);
  let order: number[] = [];
  for (let i = 0; i < count; i++) {
    if (i % 10 === 0) {
      order = new Random(seed, ORDER_STREAM + stream + i).shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
    y[i] = order[i % 10];
    const random = new Random(seed, stream + i);
    const style = pick(DIGIT_STYLES[y[i]], random);
    drawDigit(style.strokes, random, x.subarray(i * size, (i + 1) * size));
  }
  const classes = Array.from('0123456789');
  return ArrayDataset.fromArrays({ name, x, xShape: [1, DIGIT_SIZE, DIGIT_SIZE], y, classes });
}

function pick(styles: readonly Style[], random: Random): Style {
  let rest = random.uniform(
    0,
    styles.reduce((sum, style) => sum + style.weight, 0),
  );
  return styles.find((style) => (rest -= style.weight) < 0)!;
}

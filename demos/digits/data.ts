/** Where the demo's data comes from: drawn digits by default, or MNIST-like files of the user. */
import { GradloomError, loadFolder, makeDigits, readSource } from '../../src';
import type { DigitData } from './session';

/**
 * The project's own digits; `?train=2000&test=200` in the page's address asks for fewer.
 * @throws GradloomError for counts that are no whole numbers from 1.
 */
export function drawnDigits(address: URLSearchParams): DigitData {
  const count = (name: string, usual: number) => Number(address.get(name) ?? usual);
  return makeDigits({ train: count('train', 10_000), test: count('test', 2_000) });
}

/**
 * Images and labels from IDX files, named as MNIST's are. Without test files a tenth of the images is held out.
 * @throws GradloomError for files that are missing, damaged or of another size than 28x28.
 */
export async function chosenFiles(files: Iterable<File>): Promise<DigitData> {
  const read = await Promise.all(Array.from(files, (file) => readSource(file)));
  const { train, test } = await loadFolder(read);
  if (train.xShape.join() !== '1,28,28') {
    throw new GradloomError({
      code: 'data',
      op: 'digits demo',
      argument: train.name,
      got: `images of ${train.xShape.join('x')}`,
      expected: '1x28x28, as in MNIST',
    });
  }
  if (test) return { train, test };
  const [kept, heldOut] = train.split(0.1);
  return { train: kept, test: heldOut };
}

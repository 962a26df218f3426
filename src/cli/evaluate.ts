/** `gradloom evaluate`: loss and accuracy of trained weights on data with labels. */
import { readText } from '../data/csv';
import { parseLabelled } from '../data/csv-features';
import { ArrayDataset } from '../data/dataset';
import { GradloomError } from '../errors';
import { loadData, scaled } from './data';
import { EXIT } from './errors';
import { inPage } from './in-page';
import { describeAdapter } from './info';
import { bytesOf, describeDataset, type InputDescription } from './input';
import { classNames, learnedColumns, readData } from './predict';
import type { EvaluateFlags } from './predict-flags';
import { TRAIN_PAGE } from './protocol';
import { readTrained } from './weights';

/** Runs the command and returns its exit code. */
export async function evaluate(file: string, flags: EvaluateFlags): Promise<number> {
  const { weights, model, input } = readTrained(file, 'evaluate');
  const data = input.table ? await tableFor(flags, input) : await imagesFor(flags, input);
  const loss = data.classCount === undefined ? ('mse' as const) : ('crossEntropy' as const);
  const files = new Map([
    ['weights', weights],
    ['test.x', bytesOf(data.x)],
    ['test.y', bytesOf(data.y)],
  ]);
  let adapter = '';
  const request = { model, test: describeDataset('test', data), loss };
  const served = { page: TRAIN_PAGE, readyName: 'gradloomEvaluate', files };
  const value = await inPage(flags, served, (page, launched) => {
    adapter = describeAdapter(launched.adapter);
    return page.evaluate((request) => window.gradloomEvaluate(request), request);
  });
  const { target } = input.table ?? {};
  const rmse = target && Math.sqrt(value.loss) * target.std;
  if (flags.json) {
    const result = { event: 'evaluation', ...value, rmse, examples: data.length, adapter };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } else {
    const accuracy = value.accuracy === undefined ? '' : `  accuracy ${(100 * value.accuracy).toFixed(2)}%`;
    const error = rmse === undefined ? '' : `  RMSE ${rmse.toPrecision(4)}`;
    process.stdout.write(
      `Loss ${value.loss.toFixed(4)}${accuracy}${error} on ${data.length} examples of ${flags.data}\n` +
        `Adapter: ${adapter}\n`,
    );
  }
  return EXIT.ok;
}

/** All rows of a table, read as the one that the model was trained on. */
export async function tableFor(flags: EvaluateFlags, input: InputDescription): Promise<ArrayDataset> {
  const { name, text } = await readText(readData(flags.data, 'evaluate'));
  const { target, missing } = input.table!;
  const learned = { ...learnedColumns(input.table!, input.xShape), classes: classNames(input), missing };
  const options = { name, header: flags.header, labelColumn: flags.label };
  const { x, y: labels } = parseLabelled(text, learned, options);
  const { xShape, classes, classCount, scale, mean, std } = input;
  const y = target ? scaled(labels, target) : labels;
  const yShape = target ? [1] : [];
  return ArrayDataset.fromArrays({ name, x, xShape, y, yShape, classes, classCount, scale, mean, std });
}

/** The test part of a data set of images, seen as in training. */
async function imagesFor({ data, label, header, seed, ...flags }: EvaluateFlags, input: InputDescription) {
  const { xShape, classes, classCount, scale, mean, std } = input;
  const [height, width] = xShape.slice(-2);
  const images = { imageSize: [height, width] as [number, number], gray: xShape[0] === 1 };
  const { test } = await loadData(data, seed, {
    label,
    header,
    ...(xShape.length === 3 && images),
    ...flags,
  });
  if (
    test.xShape.join() !== xShape.join() ||
    test.classCount === undefined ||
    test.classCount > (classCount ?? 0)
  ) {
    throw new GradloomError({
      code: 'data',
      op: 'evaluate',
      argument: '--data',
      got: `${data}, with ${test.classCount ?? 'no'} classes of [${test.xShape.join(', ')}]`,
      expected: `${classCount} classes of [${xShape.join(', ')}], as in training`,
    });
  }
  return ArrayDataset.fromArrays({ ...test, classes, classCount, scale, mean, std });
}

/** Batches of a `DataLoader` as inputs of plans. */

import type { HostValues } from '../data/host-tensor';
import { entriesOfNamed, type LoadedBatch, type Named, samplesIn } from '../data/loader/collate';
import { GradloomError } from '../errors';
import type { Graph } from '../graph/ir/graph';
import { Tensor } from '../graph/ir/graph';
import type { Plan } from '../graph/runtime/plan';
import { classifies } from './labels';
import type { BatchTensors, Measured } from './measured';
import { CASTS, tokenTables } from './tokens';

/** The tensors of a batch by input name. */
export function inputsOf({ x, y, weight }: LoadedBatch): [string, HostValues][] {
  const all = [...entriesOfNamed(x, 'x'), ...entriesOfNamed(y, 'y')];
  if (weight) all.push(['weight', weight]);
  return all;
}

/** Names, types and shapes of a batch: plans fit batches of one key. */
export const keyOf = (batch: LoadedBatch): string =>
  inputsOf(batch)
    .map(([name, { shape, dtype }]) => `${name} ${dtype} [${shape}]`)
    .join(', ');

/** The batch as inputs of a graph. */
export function tensorsOf(graph: Graph, batch: LoadedBatch): BatchTensors {
  const input = (value: Named<HostValues>, name: string): BatchTensors['x'] => {
    const made = entriesOfNamed(value, name).map(([path, { shape, dtype }]): [string, Tensor] => [
      path.slice(name.length + 1),
      graph.input(path, shape, dtype),
    ]);
    return made.length === 1 && made[0][0] === '' ? made[0][1] : Object.fromEntries(made);
  };
  return {
    x: input(batch.x, 'x'),
    y: input(batch.y, 'y'),
    ...(batch.weight && { weight: input(batch.weight, 'weight') as Tensor }),
  };
}

/** Writes a batch, whose samples it counts. @throws GradloomError for values that the plan cannot take. */
export function writeBatch(plan: Plan, batch: LoadedBatch): void {
  for (const [name, { data }] of inputsOf(batch)) plan.write(name, data);
}

export { samplesIn };

/**
 * Checks the values of later batches when they are written: class indices without a score, and tokens without a row in an
 * embedding, would go on as NaN.
 * @param ignoreIndex the class index that does not count
 */
export function checkLater(measured: Measured, ignoreIndex: number): void {
  const { graph } = measured.prediction;
  const parts = measured.parts ?? [['y', measured] as [string, Measured]];
  for (const [name, { prediction, target }] of parts) {
    if (!classifies(prediction, target)) continue;
    const classes = prediction.shape[1];
    within(target, `${name} of the batch`, classes, 'Give the last layer one output per class', ignoreIndex);
  }
  for (const { index, rows } of tokenTables(graph))
    within(index, 'tokens of the batch', rows, 'Give the embedding one row per token of the vocabulary');
}

function within(tensor: Tensor, argument: string, count: number, fix: string, ignored?: number): void {
  const source = sourceOf(tensor);
  source.graph.checkValues(source, (values) => {
    const bad = values.findIndex((v) => v !== ignored && !(Number.isInteger(v) && v >= 0 && v < count));
    if (bad < 0) return;
    const got = `${values[bad]} at ${bad}`;
    const expected = `whole numbers from 0 to ${count - 1}`;
    throw new GradloomError({ code: 'data', op: 'Trainer', argument, got, expected, fix });
  });
}

/** The input behind a cast; views share its storage. */
function sourceOf(tensor: Tensor): Tensor {
  let found = tensor;
  while ((found.node && CASTS.includes(found.node.op.name)) || (found.node && !found.node.op.lower)) {
    const { x } = found.node.inputs;
    if (!(x instanceof Tensor)) break;
    found = x;
  }
  return found;
}

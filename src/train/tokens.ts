/** Token indices as inputs: whether the model's embedding has a row for each. */
import { ArrayDataset } from '../data/dataset';
import { GradloomError } from '../errors';
import type { Graph } from '../graph/ir/graph';
import { Tensor } from '../graph/ir/graph';
import type { TrainingData } from './types';

/** The outputs that are the inputs of a batch, by the name of the node that takes it from the data. */
const BATCHES: Record<string, string> = { gatherBatch: 'batch', gatherWindows: 'x' };

/** Ops that give the same values in another type. */
export const CASTS: readonly string[] = ['cast', 'asIndex'];

/** Whether x is the batch itself, possibly in another type or shape. */
function isBatch(x: Tensor): boolean {
  for (let node = x.node; node; ) {
    if (node.op.name in BATCHES) return node.outputs[BATCHES[node.op.name]].storage === x.storage;
    const { x: before }: Record<string, unknown> = node.inputs;
    // Views share their storage; a cast does not.
    if (!(before instanceof Tensor) || (!CASTS.includes(node.op.name) && before.storage !== x.storage))
      return false;
    x = before;
    node = x.node;
  }
  return false;
}

/** The indices that embeddings of a recorded model look up, and how many rows these have. */
export function tokenTables(graph: Graph): { index: Tensor; rows: number }[] {
  return graph.nodes.flatMap(({ op, inputs, attrs }) => {
    if (op.name !== 'take' || !attrs.shared) return [];
    const { x: table, index } = inputs as Record<string, Tensor>;
    return [{ index, rows: table.shape[attrs.dim] }];
  });
}

/**
 * Refuses inputs for which an embedding of the recorded model has no row: the GPU could not tell, and would go on with
 * NaN. Inputs that the model changes before it looks them up are not checked.
 * @throws GradloomError `data` naming the sample and the token.
 */
export function checkTokens(data: TrainingData, graph: Graph): void {
  for (const { index, rows } of tokenTables(graph)) {
    if (!isBatch(index)) continue;
    const fail = (argument: string, got: string) =>
      new GradloomError({
        code: 'data',
        op: 'Trainer',
        argument,
        got,
        expected: `a whole number from 0 to ${rows - 1}, because the embedding has ${rows} rows`,
        fix: 'Give the embedding one row per token of the vocabulary',
      });
    if (!(data instanceof ArrayDataset)) {
      if (data.vocabSize > rows) throw fail(`vocabulary of ${data.name}`, `${data.vocabSize} tokens`);
      continue;
    }
    const values = data.inputs();
    const bad = values.findIndex((token) => !(Number.isInteger(token) && token >= 0 && token < rows));
    if (bad >= 0) {
      const sample = Math.floor(bad / data.xSize);
      throw fail(`token ${bad % data.xSize} of sample ${sample} of ${data.name}`, String(values[bad]));
    }
  }
}

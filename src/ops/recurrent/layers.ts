/**
 * The stack of layers and directions around a recurrent cell: checks the inputs, projects the whole sequence with one
 * matrix multiplication per layer and direction, and concatenates the directions. Names and order are those of
 * torch.nn.LSTM, GRU and RNN.
 */
import { GradloomError } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import * as z from '../../schema';
import { shapeError } from '../common';
import { add } from '../elementwise/binary';
import { linear } from '../gemm';
import { cat } from '../layout/cat';
import { narrowed } from '../layout/slice';
import { dropout } from '../random';
import { viewAs } from '../reduce/sum';
import type { Cell } from './cell';
import { projectedSequence } from './projection';
import type { CellOutputs } from './steps';

/** The attributes that lstm, gru and rnn share. */
export const recurrentAttrs = z.strictObject({
  hiddenSize: z.int().min(1),
  numLayers: z.int().min(1).default(1),
  bidirectional: z.boolean().default(false),
  batchFirst: z.boolean().default(false),
  bias: z.boolean().default(true),
  /** Between layers, in training only. */
  dropout: z.number().min(0).max(1).default(0),
  /** Recurrent dropout: one mask per sequence for all its steps, as in Keras; in training only. */
  recurrentDropout: z.number().min(0).max(1).default(0),
});

export type RecurrentAttrs = z.output<typeof recurrentAttrs> & {
  /** Features of the state where it is a projection; 0 or missing: it is none, and has hiddenSize. */
  projSize?: number;
};

/** Documentation of the input `lengths`. */
export const LENGTHS_DOC =
  ' `lengths` [N], 1 to T, end the sequences of a padded batch: y is 0 behind the end, hn is the state at the end, the ' +
  'reverse direction begins there. Lengths that the GPU computes count as 0 to T; a sequence of length 0 keeps h0.';

/** Suffixes of the parameters, layer by layer, such as `L0` and `L0Reverse`. */
const suffixes = (layer: number, bidirectional: boolean): string[] =>
  bidirectional ? [`L${layer}`, `L${layer}Reverse`] : [`L${layer}`];

/** Input names of the parameters of all layers, in PyTorch's order. */
export function parameterNames({ numLayers, bidirectional, bias, projSize }: RecurrentAttrs): string[] {
  const biases = bias ? ['biasIh', 'biasHh'] : [];
  const kinds = ['weightIh', 'weightHh', ...biases, ...(projSize ? ['weightHr'] : [])];
  return Array.from({ length: numLayers }, (_, layer) =>
    suffixes(layer, bidirectional).flatMap((suffix) => kinds.map((kind) => kind + suffix)),
  ).flat();
}

interface StackInputs {
  x: Tensor;
  h0?: Tensor;
  c0?: Tensor;
  lengths?: Tensor;
}

/** Runs all layers; states come back as [layers * directions, N, H], without N when x has no batch. */
export function runLayers(cell: Cell, inputs: StackInputs, attrs: RecurrentAttrs): Required<CellOutputs> {
  const { hiddenSize, numLayers, bidirectional, batchFirst } = attrs;
  const stateSize = attrs.projSize || hiddenSize;
  const parameters = inputs as unknown as Record<string, Tensor | undefined>;
  checkShapes(cell, inputs, attrs);
  const directions = bidirectional ? 2 : 1;
  const batch = inputs.x.rank === 2 ? 1 : inputs.x.shape[batchFirst ? 0 : 1];
  const stateOf = (state: Tensor | undefined, index: number): Tensor | undefined =>
    state && viewAs(narrowed(state, 0, index, 1), [batch, state.shape.at(-1)!]);

  const finals: CellOutputs[] = [];
  let x = inputs.x;
  for (let layer = 0; layer < numLayers; layer++) {
    if (layer > 0) x = dropout(x, { p: attrs.dropout });
    const outputs = suffixes(layer, bidirectional).map((suffix, d) => {
      const [biasIh, biasHh] = [parameters[`biasIh${suffix}`], parameters[`biasHh${suffix}`]];
      const joined = !cell.hasOwnBias && biasIh && biasHh ? add(biasIh, biasHh) : biasIh;
      const direction = {
        batchFirst,
        reverse: d === 1,
        recurrentDropout: x.graph.training ? attrs.recurrentDropout : 0,
      };
      const weightHr = parameters[`weightHr${suffix}`];
      const given = {
        xGates: linear(x, parameters[`weightIh${suffix}`]!, joined),
        weightHh: parameters[`weightHh${suffix}`]!,
        biasHh: cell.hasOwnBias ? biasHh : undefined,
        h0: stateOf(inputs.h0, layer * directions + d),
        c0: stateOf(inputs.c0, layer * directions + d),
        lengths: inputs.lengths,
      };
      return weightHr
        ? projectedSequence(cell.sequence, { ...given, weightHr }, direction)
        : cell.sequence(given, direction);
    });
    finals.push(...outputs);
    x = outputs.length === 1 ? outputs[0].y : cat([outputs[0].y, outputs[1].y], { dim: -1 });
  }
  const leading = [finals.length, ...(inputs.x.rank === 2 ? [] : [batch])];
  const join = (states: Tensor[], size: number) =>
    viewAs(states.length === 1 ? states[0] : cat(states), [...leading, size]);
  const cn = finals.map(({ hn, cn }) => cn ?? hn);
  return {
    y: x,
    hn: join(
      finals.map(({ hn }) => hn),
      stateSize,
    ),
    cn: join(cn, hiddenSize),
  };
}

function checkShapes(cell: Cell, inputs: StackInputs, attrs: RecurrentAttrs): void {
  const { hiddenSize, numLayers, bidirectional, batchFirst, projSize } = attrs;
  if (projSize) checkProjection(cell.op, attrs, projSize);
  const stateSize = projSize || hiddenSize;
  const { x } = inputs;
  const expect = (name: string, tensor: Tensor | undefined, shape: number[], why: string) => {
    if (tensor && tensor.shape.join() !== shape.join()) {
      throw shapeError(cell.op, name, tensor, `[${shape.join(', ')}], which is ${why}`);
    }
  };
  if (x.rank !== 2 && x.rank !== 3) {
    throw shapeError(
      cell.op,
      'x',
      x,
      batchFirst ? '[batch, time, features]' : '[time, batch, features]',
      'A single sequence may also be [time, features]',
    );
  }
  const unbatched = x.rank === 2;
  const steps = x.shape[!unbatched && batchFirst ? 1 : 0];
  const batch = unbatched ? 1 : x.shape[batchFirst ? 0 : 1];
  if (steps === 0) throw shapeError(cell.op, 'x', x, 'at least one time step');
  if (unbatched && inputs.lengths) {
    throw new GradloomError({
      code: 'argument',
      op: cell.op,
      argument: 'lengths',
      got: `lengths for a single sequence ${x.shape.join(' x ')}`,
      expected: 'x with a batch dimension',
      fix: 'A single sequence is as long as x; leave lengths out',
    });
  }
  const directions = bidirectional ? 2 : 1;
  const state = [numLayers * directions, ...(unbatched ? [] : [batch])];
  const stateMeaning = unbatched ? '[layers * directions, hidden]' : '[layers * directions, batch, hidden]';
  expect('h0', inputs.h0, [...state, stateSize], stateMeaning);
  expect('c0', inputs.c0, [...state, hiddenSize], stateMeaning);
  expect('lengths', inputs.lengths, [batch], 'one length per sequence');
  if (inputs.lengths) checkLengths(cell.op, inputs.lengths, steps);
  const parameters = inputs as unknown as Record<string, Tensor | undefined>;
  const rows = cell.gates * hiddenSize;
  for (let layer = 0; layer < numLayers; layer++) {
    const width = layer === 0 ? x.shape[x.rank - 1] : stateSize * directions;
    for (const suffix of suffixes(layer, bidirectional)) {
      const gates = cell.gates === 1 ? '' : `${cell.gates} * `;
      expect(
        `weightIh${suffix}`,
        parameters[`weightIh${suffix}`],
        [rows, width],
        `[${gates}hidden, features]`,
      );
      expect(
        `weightHh${suffix}`,
        parameters[`weightHh${suffix}`],
        [rows, stateSize],
        `[${gates}hidden, ${projSize ? 'projection' : 'hidden'}]`,
      );
      const projection = parameters[`weightHr${suffix}`];
      expect(`weightHr${suffix}`, projection, [stateSize, hiddenSize], '[projection, hidden]');
      expect(`biasIh${suffix}`, parameters[`biasIh${suffix}`], [rows], `[${gates}hidden]`);
      expect(`biasHh${suffix}`, parameters[`biasHh${suffix}`], [rows], `[${gates}hidden]`);
    }
  }
}

function checkProjection(
  op: string,
  { hiddenSize, recurrentDropout }: RecurrentAttrs,
  projSize: number,
): void {
  const refuse = (got: string, expected: string) =>
    new GradloomError({ code: 'argument', op, argument: 'projSize', got, expected });
  if (projSize >= hiddenSize)
    throw refuse(String(projSize), `less than the hidden size ${hiddenSize}, or 0 for none`);
  if (recurrentDropout > 0) throw refuse(`${projSize} with recurrentDropout`, 'one of the two');
}

/** Refuses lengths that the host knows; those that the GPU computes count as 0 to `steps` in the kernels. */
function checkLengths(op: string, lengths: Tensor, steps: number): void {
  lengths.graph.checkValues(lengths, (values) => {
    const at = values.findIndex((length) => !(length >= 1 && length <= steps));
    if (at < 0) return;
    throw new GradloomError({
      code: 'data',
      op,
      argument: `length of sequence ${at}`,
      got: String(values[at]),
      expected: `1 to ${steps}, the number of time steps of x`,
      fix: values[at] < 1 ? 'Leave empty sequences out' : 'Shorten the sequence or pad x',
    });
  });
}

/**
 * Recurrent cells: lstm, gru and rnn are made from a definition each, which names the kernels of one time step and what
 * sets the cell apart. One matrix multiplication per layer and direction projects the inputs, then one kernel runs per step.
 */
import { throughDecomposition } from '../../graph/compiler/autodiff';
import type { Tensor } from '../../graph/ir/graph';
import { defineInternal, type Lowering } from '../../graph/ir/op';
import type { Kernel } from '../../kernels/kernel';
import { sumTo } from '../reduce';
import { type CellStep, refuseRecurrentDropout, sequenceGradients } from './decomposition';
import { previousStates } from './previous';
import {
  backwardSteps,
  type CellInputs,
  type CellOutputs,
  copyInto,
  type Direction,
  type DrawnDirection,
  droppedStates,
  launchOf,
  pingPong,
  recurrentWeightGradient,
  type SequenceLayout,
  type StepParams,
  sequenceLayout,
  stateShape,
  withWidth,
} from './steps';

/** Kernels of one time step (shaders/recurrent/<cell>.forward.wgsl and .backward.wgsl). */
type StepKernels = Record<'wide' | 'narrow', Kernel & { constants: { GATES: number; SAVED?: number } }>;

/** Definition of a cell. */
export interface CellDefinition<D extends Direction = Direction> {
  op: string;
  forward: StepKernels;
  backward: StepKernels;
  /** Whether there is a cell state c besides the hidden state h. */
  hasCellState: boolean;
  /** Whether W h + b enters the cell apart from the input projections, so that it has a bias and gradients of its own. */
  hasOwnBias: boolean;
  /** Compile-time constants of both kernels. */
  constants?(direction: D): Record<string, number>;
  /** A step written with ops. */
  step(direction: D): CellStep;
}

/** A cell as the layers run it. */
export interface Cell<D extends Direction = Direction> {
  op: string;
  /** Rows of a weight are gates * H. */
  gates: number;
  hasOwnBias: boolean;
  sequence(inputs: CellInputs, direction: D): CellOutputs;
}

/** Outputs that a cell may lack. */
type Sequence = Record<'y' | 'hn', Tensor> & Partial<Record<'cn' | 'saved', Tensor>>;

/** The ops of a whole sequence in one direction, forward and backward. */
export function defineCell<D extends Direction = Direction>(definition: CellDefinition<D>): Cell<D> {
  const { op, hasCellState, hasOwnBias } = definition;
  /** Gates, and values that the forward pass saves of each unit for the backward pass; without any, y is enough. */
  const sizes = () => {
    const { GATES, SAVED = 0 } = definition.forward.wide.constants;
    return { gates: GATES, savedValues: SAVED };
  };

  const sequence = defineInternal({
    name: `${op}Sequence`,
    inputs: ['xGates', 'weightHh', 'biasHh?', 'h0?', 'c0?', 'lengths?'],
    outputs: ['y', 'hn', 'cn', 'saved'],
    shape({ xGates, weightHh }, direction: D) {
      const { savedValues } = sizes();
      const hidden = weightHh.shape[1];
      const state = stateShape(sequenceLayout(xGates, hidden, direction));
      const outputs = {
        y: withWidth(xGates, hidden),
        hn: state,
        ...(hasCellState && { cn: state }),
        ...(savedValues > 0 && { saved: withWidth(xGates, savedValues * hidden) }),
      };
      return outputs as Required<typeof outputs> & { cn: number[]; saved: number[] };
    },
    lower({ xGates, weightHh, biasHh, h0, c0, lengths, y, hn, cn, saved }, direction, k) {
      const layout = sequenceLayout(xGates, weightHh.shape[1], direction);
      const states = pingPong(k, layout, h0, hn, direction);
      if (c0) copyInto(k, c0, cn);
      const tensors = { x_gates: xGates, weight: weightHh, bias: biasHh, lengths, y, saved, c: cn };
      const run = stepRunner(k, definition.forward, layout, { ...direction, node: k.nodeId }, lengths);
      layout.order.forEach((t, i) => {
        const { read, write, masks } = states(i);
        const flags = { has_bias: !!biasHh, has_h: i > 0 || !!h0, has_c: i > 0 || !!c0 };
        run({ ...tensors, h_in: read, h_out: write }, { ...masks, ...flags, t });
      });
    },
    backward({ xGates, weightHh, biasHh, h0, c0, lengths, y, saved, dy, dhn, dcn }, direction, needs) {
      const drawn = { ...direction, node: y.node!.index, wantsState: needs.h0 || needs.c0 };
      const previous = () => previousStates({ y, h0, lengths }, direction).previous;
      const before = hasOwnBias ? previous() : undefined;
      const { dgates, dxGates, dh0, dc0 } = sequenceBackward(
        {
          ...{ weightHh, lengths, y: saved ? undefined : y, saved, previous: before, dy, dhn, dcn },
          ...{ xGates, biasHh, h0, c0 },
        },
        drawn,
      );
      return {
        xGates: dxGates ?? dgates,
        weightHh: needs.weightHh
          ? recurrentWeightGradient(dgates, droppedStates(before ?? previous(), drawn))
          : undefined,
        biasHh: biasHh && needs.biasHh ? sumTo(dgates, biasHh.shape) : undefined,
        h0: dh0,
        c0: dc0,
      };
    },
  });

  const sequenceBackward = defineInternal({
    name: `${op}SequenceBackward`,
    // No kernel reads the inputs of the sequence: second derivatives do.
    inputs: [
      ...(['weightHh', 'lengths?', 'y?', 'saved?', 'previous?', 'dy?', 'dhn?', 'dcn?'] as const),
      ...(['xGates', 'biasHh?', 'h0?', 'c0?'] as const),
    ],
    outputs: ['dgates', 'dxGates', 'dh0', 'dc0'],
    shape({ y, saved, weightHh }, direction: D & DrawnDirection & { wantsState: boolean }) {
      const hidden = weightHh.shape[1];
      const like = (saved ?? y)!;
      const state = stateShape(sequenceLayout(like, hidden, direction));
      const rows = withWidth(like, sizes().gates * hidden);
      const outputs = {
        ...(hasOwnBias && { dxGates: rows }),
        dgates: rows,
        dh0: state,
        ...(hasCellState && { dc0: state }),
      };
      return outputs as Required<typeof outputs> & { dxGates: number[]; dc0: number[] };
    },
    lower(tensors, { wantsState, ...direction }, k) {
      const { weightHh, lengths, y, saved, previous, dy, dhn, dcn, dgates, dxGates, dh0, dc0 } = tensors;
      const layout = sequenceLayout((saved ?? y)!, weightHh.shape[1], direction);
      if (dhn) copyInto(k, dhn, dh0);
      if (dcn) copyInto(k, dcn, dc0);
      const given = { weight: weightHh, lengths, y, saved, previous, dy };
      const results = { dgates, dx_gates: dxGates, dh: dh0, dc: dc0 };
      const run = stepRunner(
        k,
        definition.backward,
        layout,
        direction as unknown as D & DrawnDirection,
        lengths,
      );
      for (const { hasCarry, ...step } of backwardSteps(layout.order, wantsState)) {
        const flags = { has_dy: !!dy, has_dh: hasCarry || !!dhn, has_dc: hasCarry || !!dcn };
        run({ ...given, ...results }, { ...step, ...flags });
      }
    },
    backward(tensors, direction, needs) {
      refuseRecurrentDropout(direction);
      return throughDecomposition(
        ({ dy, dhn, dcn, ...inputs }: CellInputs & Partial<Record<'dy' | 'dhn' | 'dcn', Tensor>>) => ({
          ...sequenceGradients(definition.step(direction), inputs, { dy, dhn, dcn }, direction),
        }),
      )(tensors, direction, needs);
    },
  });

  /** Dispatches steps: a kernel takes of the tensors what it declares, and an empty buffer for those that are missing. */
  function stepRunner(
    k: Lowering,
    kernels: StepKernels,
    layout: SequenceLayout,
    direction: D & DrawnDirection,
    lengths: Tensor | undefined,
  ) {
    const { variant, size, constants, params } = launchOf(layout, k.device, direction, lengths);
    const kernel = kernels[variant];
    const all = { ...constants, ...definition.constants?.(direction) };
    const bound = (access: string, tensors: Record<string, Tensor | undefined>) =>
      Object.fromEntries(
        kernel.storage
          .filter((binding) => binding.access === access)
          .map(({ name }) => [name, tensors[name] ?? k.emptyBuffer]),
      );
    return (tensors: Record<string, Tensor | undefined>, step: Partial<StepParams>) =>
      k.dispatch(kernel, bound('read', tensors), bound('read_write', tensors), { ...params, ...step }, size, {
        constants: all,
      });
  }

  return {
    op,
    get gates() {
      return sizes().gates;
    },
    hasOwnBias,
    sequence: (inputs, direction) => sequence(inputs as Required<CellInputs>, direction) satisfies Sequence,
  };
}

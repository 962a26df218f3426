/** Finds where NaN and infinity enter a step. */

import type { Shape, Storage } from '../../graph/ir/graph';
import type { NodeOrigin } from './origin';
import { byStorage, inputsOf, type ProbedStep, type TensorStatistics } from './probes';

/** A tensor of the report, with the range of its finite values now and in the step before. */
export interface ReportedTensor {
  name: string;
  shape: Shape;
  nan: number;
  infinite: number;
  size: number;
  /** Smallest and largest finite value; undefined where there is none. */
  range?: [min: number, max: number];
  /** The same in the step before, where that was looked at. */
  before?: [min: number, max: number];
}

/** Where a step went to NaN or infinity first. */
export interface DivergenceReport {
  /** Number of the step within `fit`, from 0. */
  step: number;
  /** The op that gave the first bad values; absent where a parameter or the data held them before. */
  op?: string;
  phase: 'data' | 'parameters' | NodeOrigin['phase'];
  /** Path of the module, as in the state dict, and its class. */
  module?: string;
  moduleType?: string;
  /** Line of the model's code, where the engine tells. */
  source?: string;
  tensor: ReportedTensor;
  /** What the op computed it from. */
  inputs: ReportedTensor[];
}

/** The first tensor of a probed step with values that are NaN, or infinite without an infinite input. */
export function firstBad(
  { probes }: Pick<ProbedStep, 'probes'>,
  now: readonly TensorStatistics[],
  before?: readonly TensorStatistics[],
): Omit<DivergenceReport, 'step'> | undefined {
  const slots = byStorage(probes);
  const describe = (i: number, name = probes[i].name): ReportedTensor => {
    const { nan, infinite, size, min, max } = now[i];
    const earlier = before?.[i];
    return {
      name,
      shape: probes[i].tensor.shape,
      nan,
      infinite,
      size,
      ...(min <= max && { range: [min, max] }),
      ...(earlier && earlier.min <= earlier.max && { before: [earlier.min, earlier.max] }),
    };
  };
  for (const [i, { node, kind, origin }] of probes.entries()) {
    const { nan, infinite } = now[i];
    if (nan === 0 && infinite === 0) continue;
    const inputs = (node ? inputsOf(node) : []).flatMap(([name, tensor]) => {
      const slot = slots.get(tensor.storage.root);
      return slot === undefined || slot === i ? [] : [{ slot, name }];
    });
    // Masks of attention are infinite on purpose: where an input or a constant of the op is.
    const isMask =
      (before?.[i].infinite ?? 0) > 0 ||
      holdsInfinity(node?.attrs) ||
      (node && inputsOf(node).some(([, { storage }]) => holdsInfinity(storage.root.leaf)));
    if (nan === 0 && (isMask || inputs.some(({ slot }) => now[slot].infinite > 0))) continue;
    // What is gathered from data on the device comes out of an op, too.
    const isData =
      kind === 'input' || (node && inputsOf(node).every(([, { storage }]) => isElsewhere(storage)));
    const phase = kind === 'parameter' ? 'parameters' : isData ? 'data' : (origin?.phase ?? 'forward');
    return {
      ...(node && { op: node.op.name }),
      phase,
      ...(origin && { module: origin.module }),
      ...(origin?.moduleType && { moduleType: origin.moduleType }),
      ...(origin?.source && { source: origin.source }),
      tensor: describe(i),
      inputs: inputs.map(({ slot, name }) => describe(slot, name)),
    };
  }
  return undefined;
}

const isElsewhere = ({ root }: Storage) => root.leaf?.kind === 'external' || root.leaf?.kind === 'constant';

/** Whether there is an infinity in attributes, or in the values of a constant. */
function holdsInfinity(attrs: unknown): boolean {
  if (typeof attrs === 'number') return Math.abs(attrs) === Number.POSITIVE_INFINITY;
  if (typeof attrs !== 'object' || attrs === null) return false;
  const isPlain = [Array, Float32Array, Object].includes(attrs.constructor as never);
  return isPlain && Object.values(attrs).some(holdsInfinity);
}

const number = (value: number) => String(Number(value.toPrecision(4)));
const rangeText = ([min, max]: readonly [number, number]) => `${number(min)} to ${number(max)}`;

/** The report in a sentence. */
export function describeReport({ op, phase, module, moduleType, source, tensor, inputs }: DivergenceReport) {
  const { nan, infinite, size, before } = tensor;
  const counts = [nan > 0 && `${nan} NaN`, infinite > 0 && `${infinite} infinite`].filter(Boolean).join(', ');
  const place = module ? `${module} (${moduleType})` : moduleType;
  const where = [op && `${op}${phase === 'backward' ? ' (backward)' : ''}`, place && `in ${place}`, source]
    .filter(Boolean)
    .join(', ');
  const from = inputs.map(({ name, range }) => range && `${name} ${rangeText(range)}`).filter(Boolean);
  return [
    `first in ${where || tensor.name}: ${tensor.name} has ${counts} of ${size} values`,
    from.length > 0 && `from ${from.join(', ')}`,
    before && `in the step before ${rangeText(before)}`,
  ]
    .filter(Boolean)
    .join('; ');
}

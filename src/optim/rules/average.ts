/** Records the running average of a run of parameters. */
import averageStep from '../../../shaders/optimizer/average.step.wgsl';
import { elementThreads } from '../../graph/compiler/heuristics';
import { defineInternal } from '../../graph/ir/op';
import type { UpdateSegment } from '../update';

export type AveragedSegment = Pick<
  UpdateSegment,
  'size' | 'parameters' | 'state' | 'blocks' | 'scale' | 'stepSlot'
>;

/** One dispatch per run; the average is the segment's only state. */
export function recordAverage({
  parameters: p,
  scale,
  state,
  blocks,
  size,
  stepSlot,
}: AveragedSegment): void {
  averageRun({ p, scale, average: state[0], blocks: blocks! }, { size, stepSlot });
}

/** The node has no outputs and is kept because it writes memory of others. */
const averageRun = defineInternal({
  name: 'average',
  inputs: ['p', 'scale', 'average', 'blocks?'],
  outputs: [],
  shape: () => ({}),
  lower({ p, scale, average, blocks }, { size, stepSlot }: { size: number; stepSlot: number }, k) {
    const launch = [{ n4: size / 4 }, elementThreads(size / 4, k.device), { stepSlot }] as const;
    if (blocks) k.dispatch(averageStep.indexed, { p, scale, blocks }, { average }, ...launch);
    else k.dispatch(averageStep.contiguous, { p, scale }, { average }, ...launch);
  },
});

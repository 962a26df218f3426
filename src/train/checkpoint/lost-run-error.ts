/** Error of a run when no GPU is left. */
import { GradloomError } from '../../errors';

/** The GPU is gone for good; what was learned is in `checkpoint`, a file as `Trainer.checkpoint` gives it. */
export class LostRunError extends GradloomError {
  constructor(
    readonly checkpoint: Uint8Array<ArrayBuffer>,
    steps: number,
    cause: unknown,
  ) {
    super({
      code: 'device-lost',
      op: 'Trainer.fit',
      got: `the GPU was lost, and no other one takes its place (${cause instanceof Error ? cause.message : cause})`,
      fix: `error.checkpoint is the state after ${steps} steps: fit(data, { resume: error.checkpoint }) goes on from it`,
      cause,
    });
  }
}

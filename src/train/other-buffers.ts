/** Buffers of modules that belong to no optimizer, which a step meets when its loss function is recorded. */
import { formatShape, GradloomError } from '../errors';
import type { Variable } from '../graph/ir/variable';
import type { StateDict } from '../io/state-dict';

export class OtherBuffers {
  /** In the order in which they were met, which is the same in every run of a program. */
  readonly known: Variable[] = [];
  private waiting: StateDict = {};

  /** Buffers that a plan uses; those whose values were loaded before get them. */
  add(found: readonly Variable[]): void {
    for (const variable of found) {
      if (this.known.includes(variable)) continue;
      this.known.push(variable);
      this.fill(this.known.length - 1);
    }
  }

  /** Takes the values of a state, for buffers that are known and those to come. */
  load(state: StateDict): void {
    this.waiting = { ...state };
    this.known.forEach((_, i) => {
      this.fill(i);
    });
  }

  private fill(index: number): void {
    const variable = this.known[index];
    const saved = this.waiting[index];
    if (!saved) return;
    delete this.waiting[index];
    if (saved.shape.join() !== variable.shape.join()) {
      throw new GradloomError({
        code: 'argument',
        op: 'checkpoint',
        argument: `buffer ${index} of the loss function${variable.name && ` (${variable.name})`}`,
        got: formatShape(saved.shape),
        expected: formatShape(variable.shape),
        fix: 'Is it a checkpoint of another loss function?',
      });
    }
    variable.data = saved.data.slice();
  }
}

/** Ensembles: a model whose members are models that answer the same question. */
import { checkOptions } from '../checks';
import { formatShape, GradloomError, showValue } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import * as nn from '../nn';
import * as ops from '../ops';

/** How the members' outputs become one answer. */
export type Combination = 'average' | 'softVoting' | 'hardVoting' | 'stacking';

export interface EnsembleOptions {
  /**
   * `average`: the mean of the outputs. For logits `[N, classes]`: `softVoting`, the logarithm of the mean probability;
   * `hardVoting`, the logarithm of the share of members that vote for a class, with one vote more that is split among
   * all classes. `stacking`: `head` answers from the outputs joined along dimension 1.
   */
  combine?: Combination;
  /** For `stacking`: takes `[N, sum of the members' outputs]`. */
  head?: nn.Module;
}

/**
 * An ensemble: input and output are those of its members, which differ by their initial weights or in kind. In training
 * each member learns from its own loss alone and the head of `stacking` from the head's, without a gradient from the
 * head to the members; the loss is the members' mean plus the head's.
 * Source: Dietterich, "Ensemble Methods in Machine Learning", 2000; Wolpert, "Stacked Generalization", 1992.
 */
export class Ensemble extends nn.Module {
  private readonly combine: Combination;
  readonly head?: nn.Module;

  /** @throws GradloomError `argument`: no members, or a head without `stacking` or the other way round. */
  constructor(
    readonly members: readonly nn.Module[],
    options: EnsembleOptions = {},
  ) {
    super();
    checkOptions('Ensemble', options, ['combine', 'head']);
    const { combine = 'average', head } = options;
    const refuse = (argument: string, got: string, expected: string) =>
      new GradloomError({ code: 'argument', op: 'Ensemble', argument, got, expected });
    if (!Array.isArray(members)) throw refuse('members', showValue(members), 'a list of models');
    if (members.length === 0) throw refuse('members', 'an empty list', 'at least one model');
    if ((combine === 'stacking') !== (head !== undefined)) {
      const expected = "a model exactly where combine is 'stacking'";
      throw refuse('head', head ? `given with combine '${combine}'` : 'missing', expected);
    }
    this.combine = combine;
    this.head = head;
  }

  override forward(x: Tensor): Tensor | nn.ModelOutput {
    const outputs = this.members.map((member) => nn.asModelOutput(member.forward(x)));
    const answers = outputs.map(({ prediction }) => prediction);
    const answer = this.answer(answers);
    if (!x.graph.training) return answer;
    const graded = outputs.flatMap((output) => output.auxLosses);
    return new nn.ModelOutput(answer, [
      ...graded.map((term) => ({ ...term, weight: term.weight / this.members.length })),
      ...(this.head ? [{ output: answer, weight: 1 }] : []),
    ]);
  }

  private answer(answers: readonly Tensor[]): Tensor {
    const [{ graph, shape }] = answers;
    if (this.head) {
      const joined = ops.cat(
        answers.map((answer) => graph.detach(answer)),
        { dim: 1 },
      );
      return this.head.forward(joined);
    }
    const other = answers.find((answer) => answer.shape.join() !== shape.join());
    const voting = this.combine !== 'average';
    if (other || (voting && shape.length !== 2)) {
      throw new GradloomError({
        code: 'shape',
        op: 'Ensemble',
        argument: 'output of a member',
        got: formatShape((other ?? answers[0]).shape),
        expected: other ? `${formatShape(shape)}, as the first member gives` : '[N, classes] for voting',
      });
    }
    if (!voting) return ops.mean(ops.stack(answers), { dim: 0 });
    const classes = shape[1];
    if (this.combine === 'softVoting') {
      const each = ops.stack(answers.map((answer) => ops.logSoftmax(answer, { dim: 1 })));
      return ops.sub(ops.logsumexp(each, { dim: 0 }), Math.log(answers.length));
    }
    const votes = answers.map((answer) =>
      ops.oneHot(ops.argmax(answer, { dim: 1 }), { numClasses: classes }),
    );
    const shares = ops.add(ops.sum(ops.stack(votes), { dim: 0 }), 1 / classes);
    return ops.log(ops.div(shares, answers.length + 1));
  }
}

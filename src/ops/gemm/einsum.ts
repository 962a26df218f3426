/** einsum: operands become stacks of matrices by strides and are multiplied two at a time, from the left. */
import { formatShape, GradloomError } from '../../errors';
import { sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { stridesOf } from '../common';
import { mul } from '../elementwise';
import { type StridedView, strided } from '../layout/strided';
import { sum, viewAs } from '../reduce/sum';
import { batchedMatmul } from './batched-matmul';

/** A letter, or `.1`, `.2` .. for the dims of the ellipsis, counted from its last one. */
type Label = string;

/** An operand with one dimension per label. */
interface Labelled {
  x: Tensor;
  labels: Label[];
}

function equationError(equation: string, got: string, expected: string): GradloomError {
  return new GradloomError({
    code: 'argument',
    op: 'einsum',
    argument: 'equation',
    got: `'${equation}': ${got}`,
    expected,
  });
}

/** The labels of a term, whose ellipsis stands for `hidden` dims. */
function labelsOf(equation: string, term: string, hidden: number): Label[] {
  const [before, after, ...more] = term.split('...');
  if (more.length > 0 || /[^A-Za-z]/.test(before + (after ?? ''))) {
    throw equationError(equation, `the term '${term}'`, "letters and at most one '...' per term");
  }
  const ellipsis = Array.from({ length: hidden }, (_, i) => `.${hidden - i}`);
  return after === undefined ? [...before] : [...before, ...ellipsis, ...after];
}

/** Number of letters in a term. */
const letters = (term: string) => term.replace('...', '').length;

/** Reads the equation for operands of these ranks: the labels of each operand and of the result. */
function parse(equation: string, tensors: readonly Tensor[]): { operands: Label[][]; output: Label[] } {
  const [left, right, ...more] = equation.replaceAll(' ', '').split('->');
  const terms = left.split(',');
  if (more.length > 0 || terms.length !== tensors.length) {
    throw equationError(
      equation,
      `${terms.length} terms for ${tensors.length} tensors`,
      'one term per tensor, one arrow',
    );
  }
  const operands = terms.map((term, i) => {
    const hidden = term.includes('...') ? tensors[i].rank - letters(term) : 0;
    const labels = hidden < 0 ? [] : labelsOf(equation, term, hidden);
    if (labels.length !== tensors[i].rank) {
      throw equationError(
        equation,
        `'${term}' for ${formatShape(tensors[i].shape)}`,
        'one label per dimension',
      );
    }
    return labels;
  });
  const all = [...new Set(operands.flat())];
  const hidden = all
    .filter((label) => label.startsWith('.'))
    .sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)));
  if (right === undefined) {
    const once = all.filter((label) => operands.flat().filter((other) => other === label).length === 1);
    return { operands, output: [...hidden, ...once.filter((label) => !hidden.includes(label)).sort()] };
  }
  const output = labelsOf(equation, right, right.includes('...') ? hidden.length : 0);
  const wrong = output.find((label, i) => !all.includes(label) || output.indexOf(label) !== i);
  if (wrong) throw equationError(equation, `'${wrong}' in the result`, 'labels of the operands, each once');
  return { operands, output };
}

/** The size of each label; a dimension of size 1 broadcasts. */
function sizesOf(
  equation: string,
  tensors: readonly Tensor[],
  operands: readonly Label[][],
): Map<Label, number> {
  const sizes = new Map<Label, number>();
  operands.forEach((labels, i) => {
    labels.forEach((label, d) => {
      const n = tensors[i].shape[d];
      const known = sizes.get(label) ?? 1;
      if (n !== known && n !== 1 && known !== 1) {
        throw equationError(equation, `sizes ${known} and ${n} for '${label}'`, 'one size per label');
      }
      sizes.set(label, known === 1 ? n : known);
    });
  });
  return sizes;
}

/** Sizes and strides by label; a label that occurs twice walks the diagonal. */
function viewOf(
  { x, labels }: Labelled,
  order: readonly Label[],
  sizes: ReadonlyMap<Label, number>,
): StridedView {
  const strides = stridesOf(x.shape);
  const steps = order.map((label) =>
    labels.reduce((total, other, d) => (other === label && x.shape[d] !== 1 ? total + strides[d] : total), 0),
  );
  return { shape: order.map((label) => sizes.get(label)!), offset: 0, strides: steps };
}

/** Whether the labels lie in memory in this order. */
const liesAs = ({ labels }: Labelled, order: readonly Label[]) => labels.join() === order.join();

/** The sizes that an operand has for a label. */
const sizesIn = ({ x, labels }: Labelled, label: Label) =>
  labels.flatMap((other, d) => (other === label ? [x.shape[d]] : []));

/** The operand with each label once, summed over those that nobody keeps. */
function simplify(operand: Labelled, keep: readonly Label[]): Labelled {
  const distinct = [...new Set(operand.labels)];
  const own = new Map(distinct.map((label) => [label, Math.max(...sizesIn(operand, label))]));
  const repeated = distinct.length !== operand.labels.length;
  const x = repeated ? strided(operand.x, viewOf(operand, distinct, own)) : operand.x;
  const drop = distinct.flatMap((label, d) => (keep.includes(label) ? [] : [d]));
  if (drop.length === 0) return { x, labels: distinct };
  return { x: sum(x, { dim: drop }), labels: distinct.filter((label) => keep.includes(label)) };
}

/** The contraction of two operands: labels in the order batch, rows, columns. */
function contract(
  a: Labelled,
  b: Labelled,
  output: readonly Label[],
  sizes: ReadonlyMap<Label, number>,
): Labelled {
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => output.includes(label));
  const inner = shared.filter((label) => !output.includes(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  const sizeOfLabels = (labels: readonly Label[]) => sizeOf(labels.map((label) => sizes.get(label)!));
  /** The operand as [..batch, first, second], each group of labels one dimension; batch dims of size 1 stay so. */
  const matrices = (operand: Labelled, first: readonly Label[], second: readonly Label[]) => {
    const own = new Map([...sizes, ...batch.map((label) => [label, sizesIn(operand, label)[0]] as const)]);
    const x = strided(operand.x, viewOf(operand, [...batch, ...first, ...second], own));
    return viewAs(x, [...batch.map((label) => own.get(label)!), sizeOfLabels(first), sizeOfLabels(second)]);
  };
  const transposeA = !liesAs(a, [...batch, ...rows, ...inner]) && liesAs(a, [...batch, ...inner, ...rows]);
  const transposeB =
    !liesAs(b, [...batch, ...inner, ...columns]) && liesAs(b, [...batch, ...columns, ...inner]);
  let x: Tensor;
  if (inner.length === 0) x = mul(matrices(a, rows, []), matrices(b, [], columns));
  else {
    const left = transposeA ? matrices(a, inner, rows) : matrices(a, rows, inner);
    const right = transposeB ? matrices(b, columns, inner) : matrices(b, inner, columns);
    x = batchedMatmul(left, right, { op: 'einsum', transposeA, transposeB });
  }
  const labels = [...batch, ...rows, ...columns];
  return {
    x: viewAs(
      x,
      labels.map((label) => sizes.get(label)!),
    ),
    labels,
  };
}

export const einsum = defineComposite({
  name: 'einsum',
  doc: "Einstein's summation, of any number of tensors from the left: 'bij,bjk->bik' multiplies, sums over the labels that the result lacks and orders the others; '...' stands for dims that broadcast.",
  source: 'https://pytorch.org/docs/stable/generated/torch.einsum.html',
  inputs: ['...tensors'],
  outputs: ['y'],
  attrs: z.strictObject({ equation: z.string() }),
  compose({ tensors }, { equation }) {
    if (tensors.length === 0) {
      throw new GradloomError({
        code: 'argument',
        op: 'einsum',
        argument: 'tensors',
        got: 'no tensor',
        expected: 'at least one',
      });
    }
    const { operands, output } = parse(equation, tensors);
    const sizes = sizesOf(equation, tensors, operands);
    const result = tensors.slice(1).reduce(
      (left: Labelled, x, i) => {
        // Labels that neither the result nor a later operand has are summed at once.
        const later = [...output, ...operands.slice(i + 2).flat()];
        const a = simplify(left, [...later, ...operands[i + 1]]);
        return contract(a, simplify({ x, labels: operands[i + 1] }, [...later, ...a.labels]), later, sizes);
      },
      simplify({ x: tensors[0], labels: operands[0] }, [...output, ...operands.slice(1).flat()]),
    );
    return strided(result.x, viewOf(result, output, sizes));
  },
});

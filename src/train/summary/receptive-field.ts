/**
 * Receptive fields: how many input positions one output position sees along each spatial dimension of [N, C, ...].
 * With `jump`, the input positions between neighbouring outputs, a window of k positions makes a field of
 * `field + (k - 1) * jump`. Source: Araujo et al., "Computing Receptive Fields of Convolutional Neural Networks", 2019.
 */
import { type OpCall, Tensor } from '../../graph/ir/graph';

/** Along one spatial dimension. */
interface Field {
  size: number;
  jump: number;
}

/**
 * Follows the fields from the input through the calls. A tensor has none once its positions are mixed or moved, as by
 * flatten, attention or pooling to one position, and in models without any window.
 */
export function receptiveFields(
  input: Tensor,
  calls: readonly OpCall[],
): (tensor: Tensor) => number[] | undefined {
  const fields = new Map<Tensor, Field[]>();
  if (calls.some(({ rules }) => rules.receptiveField))
    fields.set(
      input,
      input.shape.slice(2).map(() => ({ size: 1, jump: 1 })),
    );
  for (const call of calls) {
    const seen = Object.values(call.inputs)
      .flat()
      .filter((x): x is Tensor => x instanceof Tensor && fields.has(x));
    if (seen.length === 0) continue;
    const widest = fields.get(seen[0])!.map((_, dim) => {
      const each = seen.map((x) => fields.get(x)![dim] ?? { size: 1, jump: 1 });
      return each.reduce((a, b) => (b.size > a.size ? b : a));
    });
    for (const output of Object.values(call.outputs)) {
      const rule = call.rules.receptiveField;
      const inPlace = output.shape.slice(2).join() === seen[0].shape.slice(2).join();
      if (output.rank !== seen[0].rank || !(rule || inPlace)) continue;
      const next = widest.map(({ size, jump }, dim) => {
        const windows = rule ? rule(call, dim) : { kernel: 1, stride: 1 };
        return windows && { size: size + (windows.kernel - 1) * jump, jump: jump * windows.stride };
      });
      if (next.every((field) => field !== undefined)) fields.set(output, next);
      else fields.delete(output);
    }
  }
  return (tensor) => {
    const found = fields.get(tensor);
    return found?.length ? found.map(({ size }) => Math.round(size)) : undefined;
  };
}

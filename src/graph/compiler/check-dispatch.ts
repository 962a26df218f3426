/** Checks dispatches of custom ops against their kernel's reflection: TypeScript cannot check kernels made at run time. */
import { formatShape, GradloomError, nearest } from '../../errors';
import type { KernelDescription, UniformValue } from '../../kernels/kernel';
import { Tensor } from '../ir/graph';
import { MAX_WORKGROUPS } from '../ir/grid';
import type { DispatchSize } from '../ir/op';

/**
 * @param holdsValues whether a tensor has been written when the dispatch reads it
 * @throws GradloomError `argument` for bindings, fields and workgroup counts that do not fit; `dtype` for types.
 */
export function checkDispatch(
  op: string,
  kernel: KernelDescription,
  reads: Readonly<Record<string, unknown>>,
  writes: Readonly<Record<string, unknown>>,
  params: Readonly<Record<string, UniformValue>>,
  size: DispatchSize,
  holdsValues: (tensor: Tensor) => boolean,
): void {
  const fail = (argument: string, got: string, expected: string, fix?: string) =>
    new GradloomError({ code: 'argument', op, argument: `${kernel.file}: ${argument}`, got, expected, fix });
  const named = (what: string, given: object, known: readonly string[]) => {
    for (const name of Object.keys(given)) {
      if (known.includes(name)) continue;
      const near = nearest(name, known);
      const fix = near && `Did you mean ${near}?`;
      throw fail(`${what} ${name}`, 'not in the kernel', `one of ${known.join(', ') || 'none'}`, fix);
    }
    const missing = known.find((name) => (given as Record<string, unknown>)[name] === undefined);
    if (missing)
      throw fail(`${what} ${missing}`, 'missing', 'a value for everything that the kernel declares');
  };
  const bindings = (access: string) =>
    kernel.storage.filter((binding) => binding.access === access).map(({ name }) => name);
  named('read', reads, bindings('read'));
  named('write', writes, bindings('read_write'));
  named('param', params, Object.keys(kernel.params?.fields ?? {}));
  const given = { ...reads, ...writes };
  for (const { name, type } of kernel.storage) {
    const tensor = given[name];
    if (!(tensor instanceof Tensor)) throw fail(`binding ${name}`, String(tensor), 'a tensor of the node');
    if (name in reads && !holdsValues(tensor)) {
      throw fail(
        `read ${name}`,
        `a tensor ${formatShape(tensor.shape)} that nothing has written`,
        'an input of the op, or what an earlier dispatch of it wrote',
      );
    }
    const scalar = tensor.dtype === 'i32' ? 'i32' : 'f32';
    if (type === 'u32' || type === scalar) continue;
    throw new GradloomError({
      code: 'dtype',
      op,
      argument: `${kernel.file}: binding ${name}`,
      got: `${tensor.dtype} ${formatShape(tensor.shape)}`,
      expected: `${type}, as the kernel declares it`,
      fix: tensor.dtype === 'bool' ? 'bool is stored as f32 0 or 1' : undefined,
    });
  }
  for (const [name, value] of Object.entries(params)) {
    const { count } = kernel.params!.fields[name];
    const scalars = Array.isArray(value) ? value.length : 1;
    if (scalars !== count) throw fail(`param ${name}`, `${scalars} numbers`, `${count}`);
  }
  const isWhole = (count: unknown) => Number.isInteger(count) && (count as number) >= 0;
  if (typeof size === 'object' && size !== null && !Array.isArray(size)) {
    const counts = Object.entries(size);
    const [[name, count] = []] = counts;
    if (counts.length === 1 && (name === 'threads' || name === 'workgroups') && isWhole(count)) return;
  } else if (Array.isArray(size) && size.length === 3) {
    if (size.every((count) => isWhole(count) && count <= MAX_WORKGROUPS)) return;
  }
  throw fail(
    Array.isArray(size) ? 'workgroups' : 'size of the dispatch',
    JSON.stringify(size),
    `three whole numbers of workgroups up to ${MAX_WORKGROUPS}`,
    '{ threads: n } or { workgroups: n } folds large numbers into two dimensions',
  );
}

/** Function transformations: gradients of functions of tensors, as functions of the same arguments. */
import { checkOptions } from '../checks';
import { formatShape, GradloomError } from '../errors';
import type { Device } from '../gpu/device';
import { gradients } from '../graph/compiler/autodiff';
import { DeviceTensor } from '../graph/ir/device-tensor';
import { Tensor } from '../graph/ir/graph';
import { isFloat, Variable } from '../graph/ir/variable';
import { identity } from '../ops/elementwise';
import { type JitFunction, jit } from './jit';
import { QueuedTensor } from './queued-tensor';
import { leavesOf, mapTree } from './tree';

export interface GradOptions {
  /** Positions of the arguments to differentiate by: one (default 0), or several, which give a list. */
  argnums?: number | readonly number[];
  /** The function gives `[loss, aux]`: the second part is passed on, not differentiated. */
  hasAux?: boolean;
}

type AnyFunction = (...args: any[]) => any;

/**
 * The gradient of a function whose result is one number, by its first argument or those in `argnums`: a function of the
 * same arguments that gives a tree like that argument. Arguments are tensors, parameters, and lists and records of
 * these. With `hasAux` it gives `[gradient, aux]`. Transformations nest: `grad(grad(f))`, `jit(device, grad(f))`.
 */
export function grad(fn: AnyFunction, options: GradOptions = {}): AnyFunction {
  checkGrad('grad', fn, options);
  return onValues((...args) => {
    const [value, gradient] = differentiate('grad', fn, options, args);
    return options.hasAux ? [gradient, value[1]] : gradient;
  });
}

/** As `grad`, but the function gives `[value, gradient]`; with `hasAux` `[[value, aux], gradient]`. */
export function valueAndGrad(fn: AnyFunction, options: GradOptions = {}): AnyFunction {
  checkGrad('valueAndGrad', fn, options);
  return onValues((...args) => {
    const [value, gradient] = differentiate('valueAndGrad', fn, options, args);
    return [options.hasAux ? value : value[0], gradient];
  });
}

function checkGrad(op: string, fn: unknown, options: GradOptions): void {
  checkOptions(op, options, ['argnums', 'hasAux']);
  if (typeof fn === 'function') return;
  const expected = 'a function of tensors';
  throw new GradloomError({ code: 'argument', op, argument: 'fn', got: describe(fn), expected });
}

/** Called with device tensors, a transformed function runs at once, compiled for each device. */
function onValues(transformed: AnyFunction): AnyFunction {
  const compiled = new WeakMap<Device, JitFunction<any, any>>();
  return (...args) => {
    const leaves = leavesOf(args);
    const value = leaves.find((leaf): leaf is QueuedTensor => leaf instanceof QueuedTensor);
    if (!value || leaves.some((leaf) => leaf instanceof Tensor)) return transformed(...args);
    let run = compiled.get(value.device);
    if (!run) {
      run = jit(value.device, transformed);
      compiled.set(value.device, run);
    }
    return run(...args);
  };
}

/** [[value, aux?], gradient] of a call. */
function differentiate(
  op: string,
  fn: AnyFunction,
  { argnums = 0, hasAux = false }: GradOptions,
  args: readonly unknown[],
): [[Tensor, unknown?], unknown] {
  const numbers = [argnums].flat() as number[];
  for (const number of numbers) {
    if (Number.isInteger(number) && number >= 0 && number < args.length) continue;
    throw new GradloomError({
      code: 'argument',
      op,
      argument: 'argnums',
      got: String(number),
      expected: args.length === 0 ? 'a function with arguments' : `a position from 0 to ${args.length - 1}`,
    });
  }
  const graph = leavesOf(args).find((leaf): leaf is Tensor => leaf instanceof Tensor)?.graph;
  if (!graph) {
    throw new GradloomError({
      code: 'argument',
      op,
      got: 'no tensor among the arguments',
      expected: 'at least one symbolic or device tensor',
      fix: 'Call it through jit(device, fn) or evaluate(device, fn, ...), or pass tensor(device, values)',
    });
  }
  const first = graph.nodes.length;
  // Copies in name, so that what else the function sees of a tensor counts as constant.
  const fresh = (leaf: unknown, path: string, argument: string): unknown => {
    if (leaf instanceof Variable) return graph.tensor(leaf);
    if (!(leaf instanceof Tensor)) {
      throw new GradloomError({
        code: 'argument',
        op,
        argument: `${argument}${path}`,
        got: leaf instanceof DeviceTensor ? 'a tensor on the device' : String(leaf),
        expected: 'a symbolic tensor or a parameter to differentiate by',
      });
    }
    if (!isFloat(leaf.dtype)) {
      throw new GradloomError({
        code: 'dtype',
        op,
        argument: `${argument}${path}`,
        got: `${leaf.dtype} ${formatShape(leaf.shape)}`,
        expected: 'floats to differentiate by',
        fix: 'Choose other arguments with argnums, or cast it',
      });
    }
    return leaf.storage.leaf?.kind === 'variable' ? leaf : identity(leaf);
  };
  const given = args.map((arg, i) =>
    numbers.includes(i) ? mapTree(arg, (leaf, path) => fresh(leaf, path, `argument ${i}`)) : arg,
  );
  const result = fn(...given);
  const value = hasAux && Array.isArray(result) ? result[0] : result;
  if ((hasAux && !Array.isArray(result)) || !(value instanceof Tensor) || value.size !== 1) {
    throw new GradloomError({
      code: value instanceof Tensor ? 'shape' : 'argument',
      op,
      argument: 'the result of the function',
      got: value instanceof Tensor ? formatShape(value.shape) : describe(value),
      expected: hasAux ? '[loss, aux] with a loss of one number' : 'one number, such as a loss',
      fix: value instanceof Tensor ? 'Reduce it with mean or sum' : undefined,
    });
  }
  const wrt = numbers.flatMap((i) => leavesOf(given[i]) as Tensor[]);
  const seed = graph.constant(Float32Array.of(1), value.shape);
  const found = gradients([value], [seed], wrt, first);
  let at = 0;
  const trees = numbers.map((i) => mapTree(given[i], (leaf) => found[at++] ?? zerosLike(leaf as Tensor)));
  const gradient = Array.isArray(argnums) ? trees : trees[0];
  return [[value, hasAux ? result[1] : undefined], gradient];
}

const zerosLike = ({ graph, shape, size }: Tensor): Tensor => graph.constant(new Float32Array(size), shape);

const describe = (value: unknown): string =>
  Array.isArray(value) ? 'a list' : typeof value === 'object' && value !== null ? 'a record' : String(value);

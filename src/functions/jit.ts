/** Compiled functions: recorded once per signature, then run on values. */
import { checkCount, checkOptions, checkSeed } from '../checks';
import { type HostValues, hostTensor } from '../data/host-tensor';
import { GradloomError, showValue } from '../errors';
import type { Device } from '../gpu/device';
import { DeviceTensor } from '../graph/ir/device-tensor';
import { Graph, Tensor } from '../graph/ir/graph';
import { Variable } from '../graph/ir/variable';
import { CompiledFunction, type InputValue } from './compiled';
import { Eager, FunctionCache } from './eager';
import { isTensorData } from './tensor';
import { mapTree } from './tree';
import type { Results, Values } from './types';

export interface JitOptions {
  /** Whether dropout drops and batch norm uses batch statistics. Default false. */
  training?: boolean;
  /** Key of the random streams; each call draws other numbers. */
  seed?: number;
  /** Most signatures (shapes, types, static values) that stay compiled. Default 8. */
  maxPlans?: number;
}

/** A compiled function; `dispose` frees what it was compiled to. */
export interface JitFunction<A extends unknown[], R> {
  (...args: { [K in keyof A]: Values<A[K]> }): Results<R>;
  dispose(): void;
}

const MOST_PLANS = 8;

/**
 * Compiles a function of tensors for a device: it is recorded once per signature (structure, shapes and types of the
 * arguments), and later calls only run it. Arguments are device tensors, nested lists or typed arrays (with a shape as
 * `{ data, shape }`), numbers, parameters, and lists and records of these; booleans, strings and null are static: each
 * value is a signature of its own. Results are device tensors, whose values follow; they stay valid after later calls.
 * Parameters of modules that the function uses are read where they are on the device.
 */
export function jit<A extends any[], R>(
  device: Device,
  fn: (...args: A) => R,
  options: JitOptions = {},
): JitFunction<A, R> {
  checkFunction('jit', fn);
  checkOptions('jit', options, ['training', 'seed', 'maxPlans']);
  if (options.seed !== undefined) checkSeed('jit', options.seed);
  if (options.maxPlans !== undefined) checkCount('jit', 'maxPlans', options.maxPlans);
  const eager = Eager.of(device);
  const cache = new FunctionCache(eager, options.maxPlans ?? MOST_PLANS);
  let calls = 0;
  const run = (...args: unknown[]) => {
    const bound = bind(eager, args);
    const compiled = cache.get(bound.signature, () => record(device, fn, bound, options));
    const results = eager.run(compiled, bound.values, { seed: options.seed, index: calls++ });
    return rebuild(compiled, results);
  };
  return Object.assign(run, { dispose: () => cache.clear() }) as JitFunction<A, R>;
}

/** Runs a function of tensors once: `jit(device, fn)(...args)` without keeping what it was compiled to. */
export function evaluate<A extends any[], R>(
  device: Device,
  fn: (...args: A) => R,
  ...args: { [K in keyof A]: Values<A[K]> }
): Results<R> {
  checkFunction('evaluate', fn);
  const eager = Eager.of(device);
  const bound = bind(eager, args);
  const compiled = record(device, fn, bound, {});
  try {
    return rebuild(compiled, eager.run(compiled, bound.values)) as Results<R>;
  } finally {
    eager.retire(compiled);
  }
}

function checkFunction(op: string, fn: unknown): void {
  if (typeof fn === 'function') return;
  const expected = 'a function of tensors';
  throw new GradloomError({ code: 'argument', op, argument: 'fn', got: showValue(fn), expected });
}

/** An argument that a graph has as an input. */
interface BoundInput {
  name: string;
  value: Pick<HostValues, 'shape'> & { dtype: Tensor['dtype'] };
}

interface BoundArguments {
  signature: string;
  /** The arguments with `BoundInput`s in place of values. */
  tree: unknown[];
  inputs: BoundInput[];
  values: InputValue[];
}

class Input implements BoundInput {
  constructor(
    readonly name: string,
    readonly value: BoundInput['value'],
  ) {}
}

/** Takes the values out of the arguments. */
function bind(eager: Eager, args: readonly unknown[]): BoundArguments {
  const inputs: Input[] = [];
  const values: InputValue[] = [];
  const signature: unknown[] = [];
  const add = (name: string, value: BoundInput['value'], content: InputValue) => {
    const input = new Input(name, value);
    inputs.push(input);
    values.push(content);
    signature.push([name, value.dtype, ...value.shape]);
    return input;
  };
  const tree = args.map((arg, i) =>
    mapTree(
      arg,
      (leaf, path) => {
        const name = `argument ${i}${path}`;
        if (leaf instanceof DeviceTensor) return add(name, leaf, eager.cellOf('jit', leaf));
        if (isTensorData(leaf)) {
          const host = hostTensor(leaf, { op: 'jit', argument: name });
          return add(name, host, host);
        }
        if (leaf instanceof Variable) signature.push([name, `variable ${eager.numberOf(leaf)}`]);
        else if (leaf === null || ['boolean', 'string', 'undefined'].includes(typeof leaf)) {
          signature.push([name, leaf ?? String(leaf)]);
        } else throw notAnArgument(name, leaf);
        return leaf;
      },
      isTensorData,
    ),
  );
  return { signature: JSON.stringify(signature), tree, inputs, values };
}

function notAnArgument(name: string, leaf: unknown): GradloomError {
  const isSymbolic = leaf instanceof Tensor;
  return new GradloomError({
    code: 'argument',
    op: 'jit',
    argument: name,
    got: isSymbolic
      ? 'a symbolic tensor'
      : typeof leaf === 'function'
        ? 'a function'
        : `a ${leaf?.constructor?.name}`,
    expected:
      'device tensors, numbers, nested lists, typed arrays, parameters, and lists and records of these',
    fix: isSymbolic ? 'Within a function that is being recorded call fn itself' : undefined,
  });
}

/** Marks the place of a result in the structure of results. */
class Result {
  constructor(readonly index: number) {}
}

/** Records the function and starts to compile it. */
function record(
  device: Device,
  fn: (...args: any[]) => unknown,
  { tree, inputs }: BoundArguments,
  { training }: JitOptions,
): CompiledFunction {
  const graph = new Graph({ training });
  const tensors = new Map(
    inputs.map((input) => [input, graph.input(input.name, input.value.shape, input.value.dtype)]),
  );
  const symbolic = tree.map((arg) =>
    mapTree(arg, (leaf) => {
      if (leaf instanceof Input) return tensors.get(leaf);
      return leaf instanceof Variable ? graph.tensor(leaf) : leaf;
    }),
  );
  const result = fn(...symbolic);
  if (result instanceof Promise) {
    throw new GradloomError({
      code: 'argument',
      op: 'jit',
      got: 'a function that gives a promise',
      expected: 'a function that records operations and returns their results',
      fix: 'Read values outside of it',
    });
  }
  const outputs: Tensor[] = [];
  const structure = mapTree(result, (leaf, path) => {
    if (leaf instanceof Tensor || leaf instanceof Variable) {
      return new Result(outputs.push(graph.tensor(leaf)) - 1);
    }
    if (leaf === null || ['number', 'boolean', 'string', 'undefined'].includes(typeof leaf)) return leaf;
    throw new GradloomError({
      code: 'argument',
      op: 'jit',
      argument: `result${path}`,
      got: `a ${leaf?.constructor?.name}`,
      expected: 'tensors, and lists and records of these',
    });
  });
  const named = inputs.map((input) => ({ name: input.name, tensor: tensors.get(input)! }));
  return new CompiledFunction(device, graph, named, outputs, structure);
}

/** The results in the structure that the function gave. */
const rebuild = ({ structure }: CompiledFunction, results: readonly DeviceTensor[]): unknown =>
  mapTree(structure, (leaf) => (leaf instanceof Result ? results[leaf.index] : leaf));

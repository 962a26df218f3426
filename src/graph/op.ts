/**
 * What an op is: its declaration (`defineOp`), and the callable that records it in the graph of its arguments.
 * Two kinds exist. Kernel ops have a shape rule, a lowering to dispatches and a backward; composites are written
 * with other ops and get their gradients from them. Internal ops are kernel ops without a public face, used in
 * the backward of others.
 */
import type { z } from 'zod';
import { formatShape, GradloomError, nearest } from '../errors';
import type { Device } from '../gpu/device';
import type { Kernel, UniformValue } from '../kernels/kernel';
import type { Graph, Node } from './graph';
import { type Shape, Tensor } from './tensor';
import { type DType, Variable } from './variable';

/** What ops accept as an input: a symbolic tensor, or a parameter that the graph turns into one. */
export type TensorLike = Tensor | Variable;

export interface TensorSpec {
  shape: Shape;
  dtype: DType;
  /** The output is this input's memory: a reshape, or state that the kernel updates in place. */
  viewOf?: Tensor;
}

/** An output that is `x` with another shape. */
export const viewOf = (x: Tensor, shape: Shape): TensorSpec => ({ shape, dtype: x.dtype, viewOf: x });

/** A shape stands for float32. */
export type OutputSpec = Shape | TensorSpec;

/** Workgroup counts in x, y and z. */
export type Workgroups = readonly [number, number, number];

/** What a lowering may use: it turns one node into dispatches. */
export interface Lowering {
  /** Dispatches a kernel; bindings go by the names in the shader. */
  run<R extends string, W extends string, U extends string, O extends string>(
    kernel: Kernel<R, W, U, O>,
    reads: Record<NoInfer<R>, Tensor>,
    writes: Record<NoInfer<W>, Tensor>,
    params: Record<NoInfer<U>, UniformValue>,
    workgroups: Workgroups,
    options?: {
      overrides?: Partial<Record<NoInfer<O>, number>>;
      /** Values for `const` declarations of the shader that are specialized by name. */
      constants?: Record<string, number>;
      /** Tensors read through a binding that covers them, such as a whole arena. */
      alsoReads?: Tensor[];
    },
  ): void;
  /** A temporary of this node. */
  temp(shape: Shape, dtype?: DType): Tensor;
  /** 1 when the node must add to what the output already holds instead of overwriting it, else 0. */
  accumulate(output: string): 0 | 1;
  /** Stands for an optional input that is absent: a small readable buffer of zeros. */
  readonly none: Tensor;
  /** Tells the random streams of nodes in one graph apart. */
  readonly nodeId: number;
  readonly device: Device;
  readonly training: boolean;
}

/** Inputs and outputs of a node by name. Optional inputs may be missing. */
export type NamedTensors = Record<string, any>;

/** The recorded behaviour of an op, as graph, autodiff and plan see it. */
export interface Op {
  name: string;
  /** Output shapes (and types) from input shapes. */
  shape(inputs: NamedTensors, attrs: any, graph: Graph): Record<string, OutputSpec>;
  /** Dispatches that compute the outputs; absent for views. Inputs and outputs are in one record. */
  lower?(tensors: NamedTensors, attrs: any, k: Lowering): void;
  /** Outputs whose kernels can add to existing values (`k.accumulate`). */
  accumulates?: readonly string[];
  /**
   * Gradients of the inputs by input name, from inputs, outputs and output gradients (`d` + output name; missing
   * when the output is not used). A missing gradient means zero. `needs` tells which inputs want one.
   */
  backward?:
    | ((tensors: NamedTensors, attrs: any, needs: Record<string, boolean>) => NamedTensors)
    | NotDifferentiable;
}

/** Why an op has no gradient. */
export class NotDifferentiable {
  constructor(readonly reason: string) {}
}

/** Marks an op as not differentiable: its inputs get no gradient through it. */
export const notDifferentiable = (reason: string): NotDifferentiable => new NotDifferentiable(reason);

type InputName<N extends string> = N extends `${infer Base}?`
  ? Base
  : N extends `...${infer Rest}`
    ? Rest
    : N;
type InputOf<N extends string> = N extends `${string}?`
  ? TensorLike | null | undefined
  : N extends `...${string}`
    ? readonly TensorLike[]
    : TensorLike;
type RequiredInputs<I extends readonly string[]> = I extends readonly [
  infer H extends string,
  ...infer T extends readonly string[],
]
  ? H extends `${string}?`
    ? []
    : [InputOf<H>, ...RequiredInputs<T>]
  : [];
type OptionalInputs<I extends readonly string[]> = I extends readonly [
  infer H extends string,
  ...infer T extends readonly string[],
]
  ? H extends `${string}?`
    ? [InputOf<H>?, ...OptionalInputs<T>]
    : OptionalInputs<T>
  : [];

/** Tensors by position (optional ones last), then the attributes; attributes may also come right after the required tensors. */
export type OpArguments<I extends readonly string[], A> =
  | [...RequiredInputs<I>, ...OptionalInputs<I>, A?]
  | [...RequiredInputs<I>, A?];

/** The tensors of an op by name: required and optional inputs (`TensorOf`), and outputs. */
type TensorsOf<I extends readonly string[], O extends readonly string[]> = {
  [N in I[number] as InputName<N>]: N extends `${string}?`
    ? Tensor | undefined
    : N extends `...${string}`
      ? Tensor[]
      : Tensor;
} & { [N in O[number] as OutputName<N>]: Tensor };
/** `...y` stands for y0, y1 and so on: as many as the attributes say. */
type OutputName<N extends string> = N extends `...${infer Base}` ? `${Base}${number}` : N;
type GradientsOf<O extends readonly string[]> = O extends readonly [`...${infer Base}`]
  ? { [N in `d${Base}${number}`]?: Tensor }
  : O extends readonly [infer Only extends string]
    ? { [N in Only as `d${N}`]: Tensor }
    : { [N in O[number] as `d${N}`]?: Tensor };
export type Outputs<O extends readonly string[]> = O extends readonly [`...${string}`]
  ? Tensor[]
  : O extends readonly [string]
    ? Tensor
    : { [N in O[number]]: Tensor };

interface Declaration<I extends readonly string[], O extends readonly string[], A extends z.ZodObject> {
  /** PyTorch's name in camelCase. */
  name: string;
  /** Other names under which the registry finds it. */
  aliases?: readonly string[];
  /** One or two lines: what it is, then the formula. */
  doc: string;
  /** Where the formula and the defaults come from. */
  source?: string;
  /** Argument names in PyTorch's order; `name?` is optional (after the required ones), `...name` a list. */
  inputs: I;
  /** Types other than f32; 'any' takes every type (pure data movement). */
  dtypes?: { [N in I[number] as InputName<N>]?: DType | 'any' };
  /** Names; the single name `...y` declares a list y0, y1, ..., which the function returns as an array. */
  outputs: O;
  attrs: A;
  /** Names of further float32 inputs that depend on the attributes, given by name after `inputs`; `name?` is optional. */
  moreInputs?(attrs: z.output<A>): readonly string[];
}

export interface KernelOpDeclaration<
  I extends readonly string[],
  O extends readonly string[],
  A extends z.ZodObject,
> extends Declaration<I, O, A> {
  shape(
    inputs: TensorsOf<I, []>,
    attrs: z.output<A>,
    graph: Graph,
  ): { [N in O[number] as OutputName<N>]: OutputSpec };
  accumulates?: readonly O[number][];
  lower?(tensors: TensorsOf<I, O>, attrs: z.output<A>, k: Lowering): void;
  backward:
    | ((
        tensors: TensorsOf<I, O> & GradientsOf<O>,
        attrs: z.output<A>,
        needs: { [N in I[number] as InputName<N>]: boolean },
      ) => { [N in I[number] as InputName<N>]?: Tensor | Tensor[] | undefined })
    | NotDifferentiable;
}

export interface CompositeDeclaration<
  I extends readonly string[],
  O extends readonly string[],
  A extends z.ZodObject,
> extends Declaration<I, O, A> {
  /** The op written with other ops. */
  compose(inputs: TensorsOf<I, []>, attrs: z.output<A>, graph: Graph): Outputs<O>;
  /** Set when the result carries no gradient. */
  backward?: NotDifferentiable;
}

/** An input of a public op. */
export interface OpInput {
  name: string;
  optional: boolean;
  list: boolean;
  dtype: DType | 'any';
}

/** What the registry, the op reference, the harness and the tests know of a public op. */
export interface OpInfo {
  name: string;
  aliases: readonly string[];
  doc: string;
  source?: string;
  inputs: { name: string; optional: boolean; list: boolean; dtype: DType | 'any' }[];
  /** Output names; the single name `...y` stands for y0, y1, .... */
  outputs: readonly string[];
  attrs: z.ZodObject;
  /** The further inputs that an op has with these attributes, such as the parameters of every layer of an lstm. */
  moreInputs(attrs?: object): OpInput[];
  differentiable: true | NotDifferentiable;
  /** Records the op with inputs by name and checked attributes; outputs by name. */
  call(
    inputs: Record<string, TensorLike | readonly TensorLike[] | undefined>,
    attrs?: object,
    graph?: Graph,
  ): Record<string, Tensor>;
}

/** A public op: call it with tensors to record it; `info` is its declaration. */
export interface PublicOp<I extends readonly string[], O extends readonly string[], A extends z.ZodObject> {
  (...args: OpArguments<I, z.input<A>>): Outputs<O>;
  readonly info: OpInfo;
}

/** Declares an op that has its own kernels. */
export function defineOp<
  const I extends readonly string[],
  const O extends readonly string[],
  A extends z.ZodObject,
>(declaration: KernelOpDeclaration<I, O, A>): PublicOp<I, O, A> {
  const op: Op = {
    name: declaration.name,
    shape: declaration.shape as Op['shape'],
    lower: declaration.lower as Op['lower'],
    accumulates: declaration.accumulates,
    backward: declaration.backward as Op['backward'],
  };
  return makePublic(declaration, declaration.backward, (inputs, attrs, graph) =>
    graph.apply(op, inputs, attrs),
  );
}

/** Declares an op that is written with other ops. */
export function defineComposite<
  const I extends readonly string[],
  const O extends readonly string[],
  A extends z.ZodObject,
>(declaration: CompositeDeclaration<I, O, A>): PublicOp<I, O, A> {
  return makePublic(declaration, declaration.backward, (inputs, attrs, graph) => {
    const result = declaration.compose(inputs as TensorsOf<I, []>, attrs, graph);
    const [first] = declaration.outputs;
    const outputs: Record<string, Tensor> = Array.isArray(result)
      ? Object.fromEntries(result.map((y, i) => [`${first.slice(3)}${i}`, y]))
      : result instanceof Tensor
        ? { [first]: result }
        : (result as Record<string, Tensor>);
    if (!declaration.backward) return outputs;
    return Object.fromEntries(Object.entries(outputs).map(([name, y]) => [name, graph.detach(y)]));
  });
}

/** Declares an op used only in the backward of others: called with inputs by name, gives outputs by name. */
export function defineInternal<
  const I extends readonly string[],
  const O extends readonly string[],
  A = unknown,
>(declaration: {
  name: string;
  inputs: I;
  outputs: O;
  shape(inputs: TensorsOf<I, []>, attrs: A, graph: Graph): { [N in O[number]]: OutputSpec };
  /** Absent for views. */
  lower?(tensors: TensorsOf<I, O>, attrs: A, k: Lowering): void;
  accumulates?: readonly O[number][];
  backward?: (
    tensors: TensorsOf<I, O> & GradientsOf<O>,
    attrs: A,
    needs: { [N in I[number] as InputName<N>]: boolean },
  ) => { [N in I[number] as InputName<N>]?: Tensor | Tensor[] | undefined };
}): (inputs: TensorsOf<I, []>, attrs: A) => { [N in O[number]]: Tensor } {
  const op = {
    ...declaration,
    backward:
      declaration.backward ??
      notDifferentiable(`${declaration.name} is itself a gradient; second derivatives are not supported`),
  } as unknown as Op;
  return (inputs, attrs) =>
    graphOf(declaration.name, Object.values(inputs)).apply(op, inputs as NamedTensors, attrs) as any;
}

function makePublic<I extends readonly string[], O extends readonly string[], A extends z.ZodObject>(
  declaration: Declaration<I, O, A>,
  backward: unknown,
  record: (inputs: NamedTensors, attrs: z.output<A>, graph: Graph) => Record<string, Tensor>,
): PublicOp<I, O, A> {
  const describe = (text: string): OpInput => {
    const name = text.replace(/^\.\.\.|\?$/g, '');
    const dtype = (declaration.dtypes as Record<string, DType | 'any'> | undefined)?.[name] ?? 'f32';
    return { name, optional: text.endsWith('?'), list: text.startsWith('...'), dtype };
  };
  const inputs = declaration.inputs.map(describe);
  const info: OpInfo = {
    name: declaration.name,
    aliases: declaration.aliases ?? [],
    doc: declaration.doc,
    source: declaration.source,
    inputs,
    outputs: declaration.outputs,
    attrs: declaration.attrs,
    differentiable: backward instanceof NotDifferentiable ? backward : true,
    moreInputs: (attrs = {}) =>
      (declaration.moreInputs?.(parseAttrs(declaration.name, declaration.attrs, attrs)) ?? []).map(describe),
    call(given, attrs = {}, graph = graphOf(declaration.name, Object.values(given))) {
      const accepted = [...inputs, ...info.moreInputs(attrs)];
      const known = accepted.map((input) => input.name);
      for (const name of Object.keys(given)) {
        if (!known.includes(name)) {
          const near = nearest(name, known);
          throw new GradloomError({
            code: 'argument',
            op: declaration.name,
            argument: name,
            got: 'not an input of this op',
            expected: `one of ${known.join(', ')}`,
            fix: near && `Did you mean ${near}?`,
          });
        }
      }
      const tensors: NamedTensors = {};
      for (const { name, optional, list, dtype } of accepted) {
        const value = given[name];
        if (value === undefined || value === null) {
          if (optional) continue;
          throw new GradloomError({
            code: 'argument',
            op: declaration.name,
            argument: name,
            got: 'missing',
            expected: 'a tensor',
          });
        }
        const resolved = list
          ? (value as TensorLike[]).map((v) => graph.tensor(v))
          : graph.tensor(value as TensorLike);
        for (const tensor of list ? (resolved as Tensor[]) : [resolved as Tensor]) {
          checkDtype(declaration.name, name, tensor, dtype);
        }
        tensors[name] = resolved;
      }
      const outputs = record(tensors, parseAttrs(declaration.name, declaration.attrs, attrs), graph);
      graph.calledOps.add(declaration.name);
      return outputs;
    },
  };
  const callable = (...args: unknown[]) => {
    const given: Record<string, TensorLike | readonly TensorLike[]> = {};
    let attrs: object = {};
    args.forEach((value, i) => {
      if (value === undefined || value === null) return;
      const isTensor = value instanceof Tensor || value instanceof Variable || Array.isArray(value);
      if (isTensor && i < inputs.length) given[inputs[i].name] = value as TensorLike;
      else if (!isTensor && typeof value === 'object' && i === args.length - 1) attrs = value;
      else {
        throw new GradloomError({
          code: 'argument',
          op: declaration.name,
          argument: `argument ${i + 1}`,
          got: isTensor ? 'one tensor too many' : String(value),
          expected: `(${[...declaration.inputs, '{ attributes }'].join(', ')})`,
        });
      }
    });
    const outputs = info.call(given, attrs);
    if (declaration.outputs[0].startsWith('...')) return Object.values(outputs);
    return declaration.outputs.length === 1 ? outputs[declaration.outputs[0]] : outputs;
  };
  return Object.assign(callable, { info }) as unknown as PublicOp<I, O, A>;
}

function checkDtype(op: string, argument: string, tensor: Tensor, dtype: DType | 'any'): void {
  // bool is stored as float32 0 or 1, so the two can stand for each other.
  const kind = (type: DType) => (type === 'bool' ? 'f32' : type);
  if (dtype === 'any' || kind(tensor.dtype) === kind(dtype)) return;
  throw new GradloomError({
    code: 'dtype',
    op,
    argument,
    got: `${tensor.dtype} ${formatShape(tensor.shape)}`,
    expected: dtype,
    fix:
      dtype === 'f32' ? 'Convert it with cast(x, { dtype: "f32" })' : 'Class indices and positions are int32',
  });
}

/** Fills in defaults; unknown or ill-typed attributes become a named error. */
export function parseAttrs<A extends z.ZodObject>(op: string, schema: A, attrs: object): z.output<A> {
  const result = schema.safeParse(attrs);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const known = Object.keys(schema.shape);
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const near = unknown && nearest(unknown, known);
  throw new GradloomError({
    code: 'argument',
    op,
    argument: unknown ?? issue.path.join('.'),
    got: unknown
      ? 'not an attribute of this op'
      : JSON.stringify(issue.path.reduce((v: any, key) => v?.[key], attrs)),
    expected: unknown ? `one of ${known.join(', ') || 'none'}` : issue.message,
    fix: near ? `Did you mean ${near}?` : undefined,
  });
}

/** The graph that the arguments belong to. */
function graphOf(op: string, values: readonly unknown[]): Graph {
  for (const value of values.flat()) if (value instanceof Tensor) return value.graph;
  throw new GradloomError({
    code: 'argument',
    op,
    got: 'no symbolic tensor among the arguments',
    expected: 'at least one tensor of the graph that is being recorded',
    fix: 'Turn a parameter into a tensor with x.graph.tensor(parameter)',
  });
}

export type { Node };

/**
 * Op declarations (`defineOp`) and the callable that records an op in the graph of its arguments.
 * Two kinds exist. Kernel ops have a shape rule, a lowering to dispatches and a backward; composites are written
 * with other ops and get their gradients from them. Internal ops are kernel ops without a public face, used in
 * the backward of others.
 */
import { parseOptions } from '../../checks';
import { formatShape, GradloomError, nearest } from '../../errors';
import type * as z from '../../schema';
import { convert } from './convert';
import type {
  CompositeDeclaration,
  Declaration,
  GradientsOf,
  InputName,
  KernelOpDeclaration,
  ModuleName,
  OpInfo,
  PublicOp,
  TensorsOf,
} from './declaration';
import { DeviceTensor } from './device-tensor';
import {
  type Fusion,
  type Graph,
  type Lowering,
  type NamedTensors,
  NotDifferentiable,
  type Op,
  type OutputSpec,
  promotedType,
  Tensor,
} from './graph';
import { describeValue, isOperand, type Operand, type OpInput, resolveOperands } from './operand';
import { type DType, Variable } from './variable';

export type * from './declaration';
export type { NestedNumbers } from './device-tensor';
export * from './graph';
export type { Literal, NestedArray, Operand } from './operand';

/** Declares an op that has its own kernels. */
export function defineOp<
  const I extends readonly string[],
  const O extends readonly string[],
  A extends z.ObjectSchema,
>(declaration: KernelOpDeclaration<I, O, A>): PublicOp<I, O, A> {
  const op: Op = {
    name: declaration.name,
    shape: declaration.shape as Op['shape'],
    lower: declaration.lower as Op['lower'],
    fusion: declaration.fusion as Op['fusion'],
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
  A extends z.ObjectSchema,
>(declaration: CompositeDeclaration<I, O, A>): PublicOp<I, O, A> {
  return makePublic(declaration, declaration.backward, (inputs, attrs, graph) => {
    const type = promotedType(Object.values(inputs).flat());
    const widened = declaration.inFloat32 && type === 'f16';
    const given = widened ? mapTensors(inputs, (x) => (x.dtype === 'f16' ? convert(x, 'f32') : x)) : inputs;
    const result = declaration.compose(given as TensorsOf<I, []>, attrs, graph);
    const [first] = declaration.outputs;
    const composed: Record<string, Tensor> = Array.isArray(result)
      ? Object.fromEntries(result.map((y, i) => [`${first.slice(3)}${i}`, y]))
      : result instanceof Tensor
        ? { [first]: result }
        : (result as Record<string, Tensor>);
    const outputs: Record<string, Tensor> = widened
      ? mapTensors(composed, (y) => (y.dtype === 'f32' ? convert(y, type) : y))
      : composed;
    if (!declaration.backward) return outputs;
    return Object.fromEntries(Object.entries(outputs).map(([name, y]) => [name, graph.detach(y)]));
  });
}

/** The record with every tensor in it, also those in lists, replaced. */
function mapTensors(record: NamedTensors, map: (tensor: Tensor) => Tensor): NamedTensors {
  const replace = (value: unknown) =>
    Array.isArray(value) ? value.map(map) : value instanceof Tensor ? map(value) : value;
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, replace(value)]));
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
  fusion?: Fusion<TensorsOf<I, O>, A, O[number]>;
  backward?:
    | ((
        tensors: TensorsOf<I, O> & GradientsOf<O>,
        attrs: A,
        needs: { [N in I[number] as InputName<N>]: boolean },
      ) => { [N in I[number] as InputName<N>]?: Tensor | Tensor[] | undefined })
    | NotDifferentiable;
}): InternalOp<I, O, A> {
  const op = {
    ...declaration,
    // Cutting the graph here would lose a derivative without a word.
    backward:
      declaration.backward ??
      new NotDifferentiable(`${declaration.name} has no gradient of its own (yet)`, true),
  } as unknown as Op;
  const record: (inputs: TensorsOf<I, []>, attrs: A) => any = (inputs, attrs) =>
    graphOf(declaration.name, Object.values(inputs)).apply(op, inputs as NamedTensors, attrs);
  return Object.assign(record, { op });
}

/** An internal op: records itself in the graph of its inputs. */
export interface InternalOp<I extends readonly string[], O extends readonly string[], A> {
  (inputs: TensorsOf<I, []>, attrs: A): { [N in O[number]]: Tensor };
  readonly op: Op;
}

function makePublic<I extends readonly string[], O extends readonly string[], A extends z.ObjectSchema>(
  declaration: Declaration<I, O, A>,
  backward: unknown,
  record: (inputs: NamedTensors, attrs: z.output<A>, graph: Graph) => Record<string, Tensor>,
): PublicOp<I, O, A> {
  const parseInput = (text: string): OpInput => {
    const name = text.replace(/^\.\.\.|\?$/g, '');
    const dtype = (declaration.dtypes as Record<string, DType | 'any'> | undefined)?.[name] ?? 'f32';
    return { name, optional: text.endsWith('?'), list: text.startsWith('...'), dtype };
  };
  const inputs = declaration.inputs.map(parseInput);
  const info: OpInfo = {
    name: declaration.name,
    aliases: declaration.aliases ?? [],
    module: moduleOf(declaration.module),
    doc: declaration.doc,
    source: declaration.source,
    inputs,
    inputAliases: {
      ...(inputs.some(({ name }) => name === 'x') && { input: 'x' }),
      ...declaration.inputAliases,
    },
    outputs: declaration.outputs,
    attrs: declaration.attrs,
    exact: declaration.exact ?? false,
    differentiable: backward instanceof NotDifferentiable ? backward : true,
    moreInputs: (attrs = {}) =>
      (declaration.moreInputs?.(parseAttrs(declaration.name, declaration.attrs, attrs)) ?? []).map(
        parseInput,
      ),
    call(named, attrs = {}, recording?: Graph) {
      const eager = recording ? undefined : eagerOf(Object.values(named));
      // Typed as what it stands for: values where the arguments are values.
      if (eager) return eager.applyOp(info, named, attrs) as unknown as Record<string, Tensor>;
      const graph = recording ?? graphOf(declaration.name, Object.values(named));
      const canonical = (name: string) => info.inputAliases[name] ?? name;
      const given = Object.fromEntries(
        Object.entries(named).map(([name, value]) => [canonical(name), value]),
      );
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
      const tensors = resolveOperands(declaration.name, accepted, given, declaration.masks ?? [], graph);
      for (const { name, dtype } of accepted) {
        for (const tensor of [tensors[name] ?? []].flat()) checkDtype(declaration.name, name, tensor, dtype);
      }
      const parsed = parseAttrs(declaration.name, declaration.attrs, attrs);
      const first = graph.calls.length;
      const firstNode = graph.nodes.length;
      const outputs = record(tensors, parsed, graph);
      graph.calls.push({
        op: declaration.name,
        call: info.call,
        rules: declaration,
        inputs: tensors,
        attrs: parsed,
        outputs,
        first,
        firstNode,
      });
      return outputs;
    },
  };
  const callable = (...args: unknown[]) => {
    const given: Record<string, Operand | readonly Operand[]> = {};
    let attrs: object = {};
    args.forEach((value, i) => {
      const input = inputs[i];
      if ((value === undefined || value === null) && (!input || input.optional)) return;
      const isLast = i === args.length - 1;
      if (isLast && typeof value === 'object' && value !== null && !isOperand(value)) attrs = value;
      else if (input) given[input.name] = value as Operand;
      else throw tooMany(declaration, i, value);
    });
    const outputs = info.call(given, attrs);
    if (declaration.outputs[0].startsWith('...')) return Object.values(outputs);
    const [only] = declaration.outputs;
    // Some ops have further outputs where an attribute asks for them.
    return declaration.outputs.length === 1 && Object.keys(outputs).length === 1 ? outputs[only] : outputs;
  };
  return Object.assign(callable, { info }) as unknown as PublicOp<I, O, A>;
}

const moduleOf = (module: ModuleName | undefined): OpInfo['module'] =>
  typeof module === 'string' ? { name: module, positional: [] } : module;

/** The error of an argument by position for which there is no input. */
function tooMany({ name, inputs, attrs }: Declaration<any, any, any>, i: number, value: unknown) {
  const [first] = Object.keys(attrs.shape);
  const isTensor = value instanceof Tensor || value instanceof Variable;
  const got = describeValue(value);
  return new GradloomError({
    code: 'argument',
    op: name,
    argument: `argument ${i + 1}`,
    got: isTensor ? 'one tensor too many' : got,
    expected: `(${[...inputs, ...(first ? ['{ attributes }'] : [])].join(', ')})`,
    fix:
      first && !isTensor
        ? `Attributes go into an object: ${name}(${inputs.join(', ')}, { ${first}: ${typeof value === 'object' ? '...' : got} })`
        : undefined,
  });
}

function checkDtype(op: string, argument: string, tensor: Tensor, dtype: DType | 'any'): void {
  // bool is stored as float32 0 or 1, so the two can stand for each other; float16 widens when it is loaded.
  const kind = (type: DType) => (type === 'i32' ? 'i32' : 'f32');
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
export function parseAttrs<A extends z.ObjectSchema>(op: string, schema: A, attrs: object): z.output<A> {
  return parseOptions(op, schema, attrs, 'not an attribute of this op');
}

/** The first device tensor, where no argument belongs to a graph. */
function eagerOf(values: readonly unknown[]): DeviceTensor | undefined {
  const all = values.flat(1);
  if (all.some((value) => value instanceof Tensor)) return undefined;
  return all.find((value) => value instanceof DeviceTensor);
}

/** The graph that the arguments belong to. */
function graphOf(op: string, values: readonly unknown[]): Graph {
  for (const value of values.flat(1)) if (value instanceof Tensor) return value.graph;
  throw new GradloomError({
    code: 'argument',
    op,
    got: 'no symbolic tensor among the arguments',
    expected: 'at least one tensor of the graph that is being recorded',
    fix: 'A parameter becomes a tensor with x.graph.tensor(parameter), a number with x.graph.scalar(number)',
  });
}

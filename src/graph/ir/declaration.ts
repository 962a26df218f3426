/** How ops are declared: the types of declarations, and of the callables that are made from them. */
import type * as z from '../../schema';
import type { DeviceTensor } from './device-tensor';
import type { Fusion, Graph, Lowering, NotDifferentiable, OpRules, OutputSpec, Tensor } from './graph';
import type { EagerOperand, Operand, OpInput } from './operand';
import type { DType } from './variable';

export type InputName<N extends string> = N extends `${infer Base}?`
  ? Base
  : N extends `...${infer Rest}`
    ? Rest
    : N;
/** `V` is what stands for a tensor: `Operand`, or `EagerOperand` where ops run at once. */
type InputOf<N extends string, V> = N extends `${string}?`
  ? V | null | undefined
  : N extends `...${string}`
    ? readonly V[]
    : V;
type RequiredInputs<I extends readonly string[], V> = I extends readonly [
  infer H extends string,
  ...infer T extends readonly string[],
]
  ? H extends `${string}?`
    ? []
    : [InputOf<H, V>, ...RequiredInputs<T, V>]
  : [];
type OptionalInputs<I extends readonly string[], V> = I extends readonly [
  infer H extends string,
  ...infer T extends readonly string[],
]
  ? H extends `${string}?`
    ? [InputOf<H, V>?, ...OptionalInputs<T, V>]
    : OptionalInputs<T, V>
  : [];

/** Tensors, numbers or nested arrays by position (optional ones last), then the attributes; attributes may also come right after the required tensors. */
export type OpArguments<I extends readonly string[], A, V = Operand> =
  | [...RequiredInputs<I, V>, ...OptionalInputs<I, V>, A?]
  | [...RequiredInputs<I, V>, A?];

/** The tensors of an op by name: required and optional inputs (`TensorOf`), and outputs. */
export type TensorsOf<I extends readonly string[], O extends readonly string[]> = {
  [N in I[number] as InputName<N>]: N extends `${string}?`
    ? Tensor | undefined
    : N extends `...${string}`
      ? Tensor[]
      : Tensor;
} & { [N in O[number] as OutputName<N>]: Tensor };
/** `...y` stands for y0, y1 and so on: as many as the attributes say. */
type OutputName<N extends string> = N extends `...${infer Base}` ? `${Base}${number}` : N;
export type GradientsOf<O extends readonly string[]> = O extends readonly [`...${infer Base}`]
  ? { [N in `d${Base}${number}`]?: Tensor }
  : O extends readonly [infer Only extends string]
    ? { [N in Only as `d${N}`]: Tensor }
    : { [N in O[number] as `d${N}`]?: Tensor };
export type Outputs<O extends readonly string[], T = Tensor> = O extends readonly [`...${string}`]
  ? T[]
  : O extends readonly [string]
    ? T
    : { [N in O[number]]: T };

/** The class of a module that applies an op to its inputs, and the attributes that it takes by position. */
export type ModuleName = string | { name: string; positional: readonly string[] };

export interface Declaration<
  I extends readonly string[],
  O extends readonly string[],
  A extends z.ObjectSchema,
> extends OpRules {
  /** PyTorch's name in camelCase. */
  name: string;
  /** Other names under which the registry finds it. */
  aliases?: readonly string[];
  /**
   * The class in `nn` that applies the op, which `npm run generate` makes from the declaration: its name in torch.nn, and
   * the attributes that may come by position.
   */
  module?: ModuleName;
  /** One or two lines: what it is, then the formula. */
  doc: string;
  /** Where the formula and the defaults come from. */
  source?: string;
  /** Whether it moves values without computing, so that every bit must arrive. */
  exact?: boolean;
  /** Argument names in PyTorch's order; `name?` is optional (after the required ones), `...name` a list. */
  inputs: I;
  /** Other names of inputs, by which `call` finds them too. */
  inputAliases?: Record<string, I[number] extends string ? InputName<I[number]> : never>;
  /** Types other than f32; 'any' takes every type (pure data movement). */
  dtypes?: { [N in I[number] as InputName<N>]?: DType | 'any' };
  /** Inputs of any type that only choose: their type does not count when numbers among the others are given a type. */
  masks?: readonly InputName<I[number]>[];
  /** Names; the single name `...y` declares a list y0, y1, ..., which the function returns as an array. */
  outputs: O;
  attrs: A;
  /** Names of further float32 inputs that depend on the attributes, given by name after `inputs`; `name?` is optional. */
  moreInputs?(attrs: z.output<A>): readonly string[];
}

export interface KernelOpDeclaration<
  I extends readonly string[],
  O extends readonly string[],
  A extends z.ObjectSchema,
> extends Declaration<I, O, A> {
  shape(
    inputs: TensorsOf<I, []>,
    attrs: z.output<A>,
    graph: Graph,
  ): { [N in O[number] as OutputName<N>]: OutputSpec };
  fusion?: Fusion<TensorsOf<I, O>, z.output<A>, O[number]>;
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
  A extends z.ObjectSchema,
> extends Declaration<I, O, A> {
  /** Results in between need the range or precision of float32, also where the inputs and the result are float16. */
  inFloat32?: boolean;
  /** The op written with other ops. */
  compose(inputs: TensorsOf<I, []>, attrs: z.output<A>, graph: Graph): Outputs<O>;
  /** Set when the result carries no gradient. */
  backward?: NotDifferentiable;
}

/** Metadata of a public op, for registry, op reference, harness and tests. */
export interface OpInfo {
  name: string;
  aliases: readonly string[];
  module?: { name: string; positional: readonly string[] };
  /** Empty in builds of the package, whose declaration files have it. */
  doc: string;
  source?: string;
  inputs: OpInput[];
  /** Other names of inputs: PyTorch's `input` for `x`, and those of functions whose operands have names of their own. */
  inputAliases: Readonly<Record<string, string>>;
  /** Output names; the single name `...y` stands for y0, y1, .... */
  outputs: readonly string[];
  attrs: z.ObjectSchema;
  /** Whether it moves values without computing. */
  exact: boolean;
  /** The further inputs that an op has with these attributes, such as the parameters of every layer of an lstm. */
  moreInputs(attrs?: object): OpInput[];
  differentiable: true | NotDifferentiable;
  /** Records the op with inputs by name and checked attributes; outputs by name. */
  call(
    inputs: Record<string, Operand | readonly Operand[] | null | undefined>,
    attrs?: object,
    graph?: Graph,
  ): Record<string, Tensor>;
}

/** A public op: call it with tensors to record it, with device tensors to run it; `info` is its declaration. */
export interface PublicOp<
  I extends readonly string[],
  O extends readonly string[],
  A extends z.ObjectSchema,
> {
  (...args: OpArguments<I, z.input<A>>): Outputs<O>;
  (...args: OpArguments<I, z.input<A>, EagerOperand>): Outputs<O, DeviceTensor>;
  readonly info: OpInfo;
}

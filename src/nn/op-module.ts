/** Modules that apply one op: `new MaxPool2d(2, { stride: 2 })`, `new ReLU()`, `new CrossEntropyLoss()`. */
import type { Tensor } from '../graph/ir/graph';
import { type Operand, type OpInfo, type PublicOp, parseAttrs } from '../graph/ir/op';
import type * as z from '../schema';
import { Module } from './module';

/** An op as `info` describes it. */
interface AnyOp {
  readonly info: OpInfo;
}

/** Options of a module: the op's attributes, and its optional inputs, such as the classes' weights of a loss. */
export type OptionsOf<F> =
  F extends PublicOp<infer I, any, infer A>
    ? z.input<A> & { [N in I[number] as N extends `${infer Base}?` ? Base : never]?: Operand | null }
    : never;

/** The op's attributes: those at the front by position, the others in an object. */
type Arguments<A, P extends readonly unknown[], Given extends PropertyKey = never> =
  | (Partial<Omit<A, Given>> extends Omit<A, Given> ? [options?: Omit<A, Given>] : [options: Omit<A, Given>])
  | (P extends readonly [infer H extends keyof A, ...infer T]
      ? [value: A[H], ...rest: Arguments<A, T, Given | H>]
      : never);

/** Class of the modules that apply one op. */
export type OpModuleClass<F = any, P extends readonly unknown[] = []> = new (
  ...args: 0 extends 1 & F ? any[] : Arguments<OptionsOf<F>, P>
) => OpModule;

/** Applies an op with attributes that are given once. */
export class OpModule extends Module {
  private readonly attrs: z.output<z.ObjectSchema>;
  /** Optional inputs that were given as options. */
  private readonly operands: Record<string, Operand> = {};

  constructor(
    private readonly op: AnyOp,
    positional: readonly string[],
    args: readonly unknown[],
  ) {
    super();
    const { inputs, attrs: schema } = op.info;
    const attrs: Record<string, unknown> = {};
    for (const [i, value] of args.entries()) {
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) Object.assign(attrs, value);
      else if (value !== undefined) attrs[positional[i] ?? `argument ${i + 1}`] = value;
    }
    for (const { name, optional } of inputs) {
      if (!optional || name in schema.shape) continue;
      const value = attrs[name] as Operand | null | undefined;
      if (value !== undefined && value !== null) this.operands[name] = value;
      delete attrs[name];
    }
    this.attrs = parseAttrs(this.typeName, schema, attrs);
  }

  override get typeName(): string {
    return this.op.info.module?.name ?? this.op.info.name;
  }

  /** Applies the op to its inputs by position. An op with several outputs gives a record of them. */
  override forward(...tensors: (Operand | null | undefined)[]): Tensor {
    const { info } = this.op;
    const given = info.inputs.flatMap(({ name }, i) => (tensors[i] == null ? [] : [[name, tensors[i]]]));
    const outputs = info.call({ ...this.operands, ...Object.fromEntries(given) }, this.attrs);
    const values = Object.values(outputs);
    return values.length === 1 ? values[0] : (outputs as unknown as Tensor);
  }
}

/**
 * A module class that applies `op` to its inputs.
 * @param positional attributes that may be given by position, before the object with the others.
 */
export function opModule<F extends AnyOp, const P extends readonly string[]>(
  op: F,
  ...positional: P
): OpModuleClass<F, P> {
  return class extends OpModule {
    constructor(...args: unknown[]) {
      super(op, positional, args);
    }
  } as OpModuleClass<F, P>;
}

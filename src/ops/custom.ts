/** Ops that users define: their own kernels, checked where the library's own ops are checked by types and tests. */
import { formatShape, GradloomError, nearest, showValue } from '../errors';
import type { GradientsOf, InputName, KernelOpDeclaration, PublicOp, TensorsOf } from '../graph/ir/op';
import {
  defineOp as declareOp,
  type Lowering,
  NotDifferentiable,
  type OutputSpec,
  Tensor,
} from '../graph/ir/op';
import type { DType } from '../graph/ir/variable';
import * as z from '../schema';

/** Declaration of a custom op. */
export interface CustomOp<
  I extends readonly string[],
  O extends readonly string[],
  A extends z.ObjectSchema,
> {
  /** Name in error messages. */
  name: string;
  doc?: string;
  /** Argument names in order; `name?` is optional (after the required ones), `...name` a list. */
  inputs: I;
  /** Output names; one op may have several. */
  outputs: O;
  /** Types other than float32; 'any' takes every type. */
  dtypes?: { [N in I[number] as InputName<N>]?: DType | 'any' };
  /** Attributes with their defaults, as `z.strictObject({ ... })`; none unless given. */
  attrs?: A;
  /** Output shapes by name, or `{ shape, dtype }`. Throw where the inputs do not fit. */
  shape(inputs: TensorsOf<I, []>, attrs: z.output<A>): { [N in O[number]]: OutputSpec };
  /** Dispatches kernels that write every output. Inputs and outputs are in one record. */
  lower(tensors: TensorsOf<I, O>, attrs: z.output<A>, k: Lowering): void;
  /**
   * Gradients by input name, recorded with ops or with another op of one's own; `dy` is the gradient of output y. Every
   * input in `needs` has an entry, undefined where its gradient is 0. `notDifferentiable(reason)` where there are none.
   */
  backward?:
    | ((
        tensors: TensorsOf<I, O> & GradientsOf<O>,
        attrs: z.output<A>,
        needs: { [N in I[number] as InputName<N>]: boolean },
      ) => { [N in I[number] as InputName<N>]?: Tensor | Tensor[] | undefined })
    | NotDifferentiable;
}

/**
 * Defines an op with kernels of one's own (`defineKernel`), to be called like those of the library: on symbolic tensors
 * in models, losses and jitted functions, and on device tensors.
 */
export function defineOp<
  const I extends readonly string[],
  const O extends readonly string[],
  A extends z.ObjectSchema = z.ObjectSchema<Record<never, never>>,
>(declaration: CustomOp<I, O, A>): PublicOp<I, O, A> {
  if (typeof declaration !== 'object' || declaration === null) {
    const got = showValue(declaration);
    const expected = 'a declaration { name, inputs, outputs, shape, ... }';
    throw new GradloomError({ code: 'argument', op: 'defineOp', argument: 'declaration', got, expected });
  }
  const { name, inputs, outputs, backward } = declaration;
  checkDeclaration(declaration);
  const names = inputs.map((text) => text.replace(/^\.\.\.|\?$/g, ''));
  const checked = {
    ...declaration,
    doc: declaration.doc ?? '',
    attrs: declaration.attrs ?? z.strictObject({}),
    shape(tensors: any, attrs: any) {
      const specs = declaration.shape(tensors, attrs) as Record<string, OutputSpec>;
      checkNames(`${name}.shape`, specs, outputs, outputs);
      for (const [output, spec] of Object.entries(specs)) checkShape(name, output, spec);
      return specs;
    },
    lower(tensors: Record<string, Tensor>, attrs: any, k: Lowering) {
      const written = new Set<unknown>();
      const dispatch: Lowering['dispatch'] = (kernel, reads, writes, params, workgroups, options) => {
        for (const tensor of Object.values(writes)) written.add(tensor);
        k.dispatch(kernel, reads, writes, params, workgroups, options);
      };
      declaration.lower(tensors as any, attrs, { ...k, dispatch });
      const forgotten = outputs.find((output) => tensors[output].size > 0 && !written.has(tensors[output]));
      if (!forgotten) return;
      throw fail(
        `${name}.lower`,
        `output ${forgotten}`,
        'not written by any kernel',
        'a dispatch that writes it',
      );
    },
    backward:
      backward === undefined
        ? new NotDifferentiable(`${name} has no backward`, true)
        : backward instanceof NotDifferentiable
          ? backward
          : (tensors: any, attrs: any, needs: any) => {
              const found = backward(tensors, attrs, needs) as Record<string, unknown>;
              const wanted = names.filter((input) => needs[input]);
              checkNames(`${name}.backward`, found, names, wanted);
              for (const input of names) checkGradient(name, input, tensors[input], found[input]);
              return found;
            },
  };
  return declareOp(checked as unknown as KernelOpDeclaration<I, O, A>);
}

const fail = (op: string, argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op, argument, got, expected, fix });

function checkDeclaration({ name, inputs, outputs, attrs, shape, lower }: CustomOp<any, any, any>): void {
  if (typeof name !== 'string' || name === '')
    throw fail('defineOp', 'name', JSON.stringify(name) ?? 'missing', 'a name');
  for (const [argument, list] of Object.entries({ inputs, outputs })) {
    if (Array.isArray(list) && list.length > 0 && list.every((item) => typeof item === 'string')) continue;
    throw fail('defineOp', argument, JSON.stringify(list) ?? 'missing', 'a list of names');
  }
  for (const [argument, method] of Object.entries({ shape, lower })) {
    if (typeof method !== 'function') throw fail('defineOp', argument, typeof method, 'a function');
  }
  if (attrs !== undefined && !(attrs instanceof z.ObjectSchema)) {
    const got = attrs === null ? 'null' : `${showValue(attrs)}, no schema`;
    throw fail('defineOp', 'attrs', got, 'z.strictObject({ ... }), with the z of this library');
  }
  const twice = [...inputs, ...outputs].find((item, i, all) => all.indexOf(item) !== i);
  if (twice)
    throw fail('defineOp', 'outputs', `${twice} twice`, 'different names for all inputs and outputs');
}

/** A record that has all of `wanted` and nothing beside `known`. */
function checkNames(op: string, record: unknown, known: readonly string[], wanted: readonly string[]): void {
  if (typeof record !== 'object' || record === null) {
    throw fail(op, 'the result', String(record), `a record with ${known.join(', ')}`);
  }
  for (const name of Object.keys(record)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw fail(
      op,
      name,
      'not a name that it has',
      `one of ${known.join(', ')}`,
      near && `Did you mean ${near}?`,
    );
  }
  const missing = wanted.find((name) => !(name in record));
  if (missing) throw fail(op, missing, 'missing', 'an entry; undefined stands for a gradient of 0');
}

function checkShape(op: string, output: string, spec: OutputSpec): void {
  const shape: unknown = Array.isArray(spec) ? spec : (spec as { shape?: unknown } | undefined)?.shape;
  const { dtype = 'f32' } = Array.isArray(spec) ? {} : ((spec ?? {}) as { dtype?: unknown });
  const isType = ['f32', 'f16', 'i32', 'bool'].includes(dtype as string);
  if (isType && Array.isArray(shape) && shape.every((n) => Number.isInteger(n) && n >= 0)) return;
  throw fail(
    `${op}.shape`,
    output,
    JSON.stringify(spec) ?? 'undefined',
    'a list of whole numbers, or { shape, dtype: f32, f16, i32 or bool }',
  );
}

/** A gradient has the shape of its input; lists have one each. */
function checkGradient(
  op: string,
  name: string,
  input: Tensor | Tensor[] | undefined,
  gradient: unknown,
): void {
  if (gradient === undefined || gradient === null || input === undefined) return;
  if (Array.isArray(input)) {
    if (!Array.isArray(gradient) || gradient.length !== input.length)
      throw fail(`${op}.backward`, name, 'no such list', `a list of ${input.length} gradients`);
    input.forEach((tensor, i) => {
      checkGradient(op, `${name}[${i}]`, tensor, gradient[i]);
    });
    return;
  }
  if (gradient instanceof Tensor && gradient.shape.join() === input.shape.join()) return;
  throw new GradloomError({
    code: 'shape',
    op: `${op}.backward`,
    argument: name,
    got: gradient instanceof Tensor ? formatShape(gradient.shape) : String(gradient),
    expected: `a tensor ${formatShape(input.shape)}, as the input is`,
  });
}

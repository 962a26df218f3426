/** Modules without state made from ops: `new MaxPool2d(2, { stride: 2 })`, `new ReLU()`. */
import type { z } from 'zod';
import type { Tensor } from '../graph/ir/graph';
import { type OpInfo, parseAttrs } from '../graph/ir/op';
import { Module } from './module';

/** An op as `info` describes it, with one main input. */
interface UnaryOp {
  readonly info: OpInfo;
}

/** Class of the modules that apply one op. */
export type OpModuleClass = new (...args: any[]) => Module;

/**
 * A module class that applies `op` to its input.
 * @param positional attributes that may be given by position, before the object with the others.
 */
export function opModule(op: UnaryOp, ...positional: string[]): OpModuleClass {
  return class extends Module {
    private readonly attrs: z.output<z.ZodObject>;

    constructor(...args: unknown[]) {
      super();
      const attrs: Record<string, unknown> = {};
      for (const [i, value] of args.entries()) {
        if (typeof value === 'object' && value !== null && !Array.isArray(value)) Object.assign(attrs, value);
        else if (value !== undefined) attrs[positional[i] ?? `argument ${i + 1}`] = value;
      }
      this.attrs = parseAttrs(op.info.name, op.info.attrs, attrs);
    }

    override get typeName(): string {
      return op.info.name;
    }

    override forward(x: Tensor): Tensor {
      return op.info.call({ [op.info.inputs[0].name]: x }, this.attrs)[op.info.outputs[0]];
    }
  };
}

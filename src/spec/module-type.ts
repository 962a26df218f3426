/** Layer types of model specs. */
import type { Module } from '../nn/module';
import * as z from '../schema';

/** One kind of layer: its options, and how it is built from them. */
export interface ModuleType {
  options: z.ObjectSchema;
  /** `build` makes the modules that this one holds from their specs. */
  create(options: any, build: (spec: unknown) => Module): Module;
}

/** A positive whole number. */
export const count = z.int().positive();

/** A kind of layer whose `create` gets the parsed options with their types. */
export const entry = <S extends z.ObjectSchema>(
  options: S,
  create: (options: z.output<S>, build: (spec: unknown) => Module) => Module,
): ModuleType => ({ options, create });

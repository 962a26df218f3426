/**
 * The typed description of one compute kernel. The build (`plugin.ts`) makes these from the WGSL files, so that
 * bindings and uniform layout are written once, in the shader. `shaders.generated.d.ts` gives every
 * `.wgsl` import its precise `Kernel` type: a misspelt uniform field or binding is a TypeScript error.
 */
/** The scalar that a storage binding holds; `u32` bindings may also carry any other 32-bit data unchanged. */
export type ScalarType = 'f32' | 'i32' | 'u32' | 'f16';

export interface StorageBinding {
  name: string;
  binding: number;
  access: 'read' | 'read_write';
  type: ScalarType;
}

export interface UniformField {
  /** Byte offset in the struct. */
  offset: number;
  type: 'f32' | 'i32' | 'u32';
  /** Number of scalars: 1, or the length of a vector or of an array of vec4. */
  count: number;
}

/** Where a line of linked WGSL comes from: [index into `files`, 1-based line]. */
export type LineOrigin = [file: number, line: number];

export interface KernelDescription {
  /** Entry point, which is the file's name with underscores. */
  name: string;
  /** Path below `shaders/`. */
  file: string;
  /** The `@if` condition that this variant was linked with; empty for files without variants. */
  variant: string;
  code: string;
  storage: StorageBinding[];
  /** Binding number of the per-dispatch uniform struct `params`, if the kernel has one. */
  params?: { binding: number; size: number; fields: Record<string, UniformField> };
  /** Binding number of the per-step uniform struct `step` (lib/step.wgsl), if the kernel reads it. */
  step?: number;
  /** Bound on the loop rounds of an invocation (`rounds.ts`), for kernels with loops of variable length. */
  rounds?: string;
  /** Numbers, or names of constants. */
  workgroupSize: (number | string)[];
  /** Values of the code's numeric constants (`constants.ts`); a dispatch may give others. */
  constants: Record<string, number>;
  /** Whether a user wrote it: faults in it are theirs, and files are not below `shaders/`. */
  isCustom?: boolean;
  files: string[];
  lines: LineOrigin[];
  /** Loads what is not there yet, where kernels come on demand (`on-demand.ts`). */
  load?(): Promise<unknown>;
}

/**
 * A kernel description with its types. `R` are the read-only bindings, `W` the writable ones, `U` the fields of
 * the uniform struct `params`, `C` the constants.
 */
export interface Kernel<
  R extends string = string,
  W extends string = string,
  U extends string = string,
  C extends string = string,
> extends SomeKernel<R, W, U, C> {
  constants: Record<C, number>;
}

/** One of several kernels: `C` are the constants of all of them. */
export interface SomeKernel<R extends string, W extends string, U extends string, C extends string>
  extends KernelDescription {
  /** Type-level only: never present at run time. */
  readonly types?: { read: R; write: W; uniforms: U; constants: C };
}

export type UniformValue = number | boolean | readonly number[];

/** Writes uniform values at their offsets. Missing fields are zero; TypeScript already refuses unknown ones. */
export function writeUniforms(
  kernel: KernelDescription,
  values: Record<string, UniformValue>,
  view: DataView,
  base: number,
): void {
  for (const [name, field] of Object.entries(kernel.params?.fields ?? {})) {
    const value = values[name] ?? 0;
    const scalars = typeof value === 'object' ? value : [Number(value)];
    for (let i = 0; i < Math.min(field.count, scalars.length); i++) {
      const at = base + field.offset + 4 * i;
      if (field.type === 'f32') view.setFloat32(at, scalars[i], true);
      else if (field.type === 'i32') view.setInt32(at, scalars[i], true);
      else view.setUint32(at, scalars[i], true);
    }
  }
}

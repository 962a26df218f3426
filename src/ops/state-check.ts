/** Runs kernels around the ops (updates of optimizers, clipping, batches, metrics) on synthetic values and compares them. */
import { GradloomError } from '../errors';
import type { Device } from '../gpu/device';
import { STEP_BYTES } from '../graph/runtime/step-values';
import { step as layout } from '../kernels/constants.generated';
import { writeUniforms } from '../kernels/kernel';
import type { Launch } from './kernel-mode';
import { type StateCase, stateCase } from './state-cases';

/** Relative to the largest change of a value, as for the stored cases: a broken driver is wrong by far more. */
const TOLERANCE = 0.02;
const ROUNDING = 1e-6;

/** @throws GradloomError `unsupported` for the first kernel whose results are wrong on this device. */
export async function checkStateKernels(device: Device, launches: readonly Launch[]): Promise<void> {
  for (const launch of launches) {
    const known = stateCase(launch);
    if (!known) continue;
    const wrong = await wrongBinding(device, launch, known);
    if (wrong === undefined) continue;
    const { file, variant } = launch.kernel;
    throw new GradloomError({
      code: 'unsupported',
      op: `${file} ${variant}`.trim(),
      got: `wrong results on this adapter (${wrong})`,
      fix: 'Update the graphics driver or use another browser',
    });
  }
}

/** The written binding whose values are wrong; what is wrong with a kernel that does not compile. */
async function wrongBinding(device: Device, launch: Launch, known: StateCase): Promise<string | undefined> {
  let results: Record<string, ArrayLike<number>>;
  try {
    results = await run(device, launch, known);
  } catch (error) {
    if (!(error instanceof GradloomError) || error.code !== 'internal') throw error;
    return error.message;
  }
  for (const [name, expected] of Object.entries(known.after)) {
    const got = results[name];
    const largest = (values: readonly number[]) =>
      values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const change = largest(expected.map((value, i) => value - known.before[name][i]));
    const tolerance = TOLERANCE * change + ROUNDING * largest(expected);
    // Not "farther": a NaN is never near.
    const isNear = (value: number, i: number) => Math.abs(value - got[i]) <= tolerance;
    if (!expected.every(isNear)) return name;
  }
  return undefined;
}

async function run(
  device: Device,
  { kernel, constants }: Launch,
  { before, after, params, step, workgroups }: StateCase,
): Promise<Record<string, ArrayLike<number>>> {
  const { pipeline, layout: bindLayout } = await device.pipelines.get(kernel, constants);
  const { gpu } = device;
  const made: GPUBuffer[] = [];
  const bufferOf = (bytes: Uint8Array, usage: number) => {
    const buffer = gpu.createBuffer({ size: bytes.byteLength, usage, mappedAtCreation: true });
    made.push(buffer);
    new Uint8Array(buffer.getMappedRange()).set(bytes);
    buffer.unmap();
    return buffer;
  };
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ, UNIFORM } = GPUBufferUsage;
  try {
    const buffers = new Map<string, GPUBuffer>();
    const entries: GPUBindGroupEntry[] = kernel.storage.map(({ name, binding, type }) => {
      const values = before[name];
      const array = type === 'f32' ? Float32Array.from(values) : Uint32Array.from(values);
      const buffer = bufferOf(new Uint8Array(array.buffer), STORAGE | COPY_SRC);
      buffers.set(name, buffer);
      return { binding, resource: { buffer } };
    });
    const uniform = (binding: number | undefined, bytes: Uint8Array) => {
      if (binding !== undefined) entries.push({ binding, resource: { buffer: bufferOf(bytes, UNIFORM) } });
    };
    const values = new Uint8Array(Math.ceil((kernel.params?.size ?? 16) / 16) * 16);
    writeUniforms(kernel, params, new DataView(values.buffer), 0);
    uniform(kernel.params?.binding, values);
    uniform(kernel.step, stepBytesOf(step));
    const encoder = gpu.createCommandEncoder({ label: 'self-check' });
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, gpu.createBindGroup({ layout: bindLayout, entries }));
    pass.dispatchWorkgroups(workgroups);
    pass.end();
    const copies = Object.keys(after).map((name) => {
      const source = buffers.get(name)!;
      const copy = gpu.createBuffer({ size: source.size, usage: MAP_READ | COPY_DST });
      made.push(copy);
      encoder.copyBufferToBuffer(source, 0, copy, 0, source.size);
      return [name, copy] as const;
    });
    gpu.queue.submit([encoder.finish()]);
    const read = copies.map(async ([name, copy]) => {
      await copy.mapAsync(GPUMapMode.READ);
      const bytes = copy.getMappedRange().slice(0);
      const { type } = kernel.storage.find((binding) => binding.name === name)!;
      return [name, type === 'f32' ? new Float32Array(bytes) : new Uint32Array(bytes)] as const;
    });
    return Object.fromEntries(await Promise.all(read));
  } finally {
    for (const buffer of made) buffer.destroy();
  }
}

/** The step struct with these fields, the others 0. */
function stepBytesOf(fields: Record<string, number>): Uint8Array {
  const bytes = new Uint8Array(STEP_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [name, value] of Object.entries(fields)) {
    const at = (layout.Step as Record<string, number>)[name];
    const isFloat = name === 'lr' || name === 'grad_scale' || /^h\d$/.test(name);
    if (isFloat) view.setFloat32(at, value, true);
    else view.setUint32(at, value, true);
  }
  return bytes;
}

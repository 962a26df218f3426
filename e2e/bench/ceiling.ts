/** What the adapter can do at most: multiplications and additions in registers, and copying through memory. */
import copyCode from './ceiling.copy.wgsl?raw';
import flopsCode from './ceiling.flops.wgsl?raw';

export interface Ceiling {
  gflops: number;
  gigabytes: number;
}

/** Threads per workgroup, rounds, and operations per round in the shaders. */
const GROUP = 64;
const FLOPS_PER_THREAD = 256 * 8 * 4 * 2;
const THREADS = 2 ** 15;
const COPY_BYTES = 2 ** 25;
/** Each measurement grows until it takes this long. */
const LEAST_MS = 100;

/** Measures on a plain device of the page's adapter. */
export async function measureCeiling(): Promise<Ceiling> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  const device = await adapter!.requestDevice();
  const best = async (code: string, entryPoint: string, workgroups: number, sizes: number[]) => {
    const module = device.createShaderModule({ code });
    const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint } });
    const entries = sizes.map((size, binding) => ({
      binding,
      resource: { buffer: device.createBuffer({ size, usage: GPUBufferUsage.STORAGE }) },
    }));
    const bindGroup = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    const time = async (count: number) => {
      const from = performance.now();
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      for (let i = 0; i < count; i++) pass.dispatchWorkgroups(workgroups);
      pass.end();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      return performance.now() - from;
    };
    await time(1);
    let count = 1;
    while ((await time(count)) < LEAST_MS && count < 2 ** 16) count *= 2;
    const times = [await time(count), await time(count), await time(count)];
    return Math.min(...times) / count / 1000;
  };
  const flopsSeconds = await best(flopsCode, 'ceiling_flops', THREADS / GROUP, [16 * THREADS]);
  const copySeconds = await best(copyCode, 'ceiling_copy', COPY_BYTES / 16 / GROUP, [COPY_BYTES, COPY_BYTES]);
  device.destroy();
  return {
    gflops: (THREADS * FLOPS_PER_THREAD) / flopsSeconds / 1e9,
    gigabytes: (2 * COPY_BYTES) / copySeconds / 1e9,
  };
}

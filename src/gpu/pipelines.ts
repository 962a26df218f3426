/** Compiled pipelines of one device, made asynchronously and kept: the same kernel with the same constants compiles once. */
import { specializeConstants } from '../kernels/constants';
import type { KernelDescription } from '../kernels/kernel';
import { describeCompilation } from './gpu-errors';

export interface CompiledKernel {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

export class PipelineCache {
  private readonly compiled = new Map<string, Promise<CompiledKernel>>();
  private readonly layouts = new Map<
    string,
    { bindGroup: GPUBindGroupLayout; pipeline: GPUPipelineLayout }
  >();
  private readonly modules = new Map<string, GPUShaderModule>();
  private readonly halves = new Map<string, KernelDescription>();
  private readonly known = new Map<string, KernelDescription>();

  constructor(private readonly gpu: GPUDevice) {}

  /** Number of pipelines that were compiled or are compiling. */
  get size(): number {
    return this.compiled.size;
  }

  kernels(): Iterable<KernelDescription> {
    return this.known.values();
  }

  /** The form of a kernel in which these storage bindings hold float16; made once, by code that comes on demand. */
  async half(kernel: KernelDescription, names: readonly string[]): Promise<KernelDescription> {
    const key = `${kernel.file}|${kernel.variant}|${names.join()}`;
    const { halfKernel } = await import('../kernels/float16-storage');
    const half = this.halves.get(key) ?? halfKernel(kernel, names);
    this.halves.set(key, half);
    return half;
  }

  /** The pipeline of a kernel with these compile-time constants. Rejects with the shader's file and line. */
  get(kernel: KernelDescription, constants: Record<string, number> = {}): Promise<CompiledKernel> {
    const key = `${kernel.file}|${kernel.variant}|${JSON.stringify(constants)}`;
    let entry = this.compiled.get(key);
    if (!entry) {
      entry = this.compile(kernel, key, constants);
      this.compiled.set(key, entry);
    }
    return entry;
  }

  private async compile(
    kernel: KernelDescription,
    moduleKey: string,
    constants: Record<string, number>,
  ): Promise<CompiledKernel> {
    this.known.set(moduleKey, kernel);
    let module = this.modules.get(moduleKey);
    if (!module) {
      // A fault in the shader rejects the pipeline below, with file and line: it is not reported a second time.
      this.gpu.pushErrorScope('validation');
      module = this.gpu.createShaderModule({
        label: kernel.name,
        code: specializeConstants(kernel.code, constants),
      });
      this.gpu.popErrorScope().catch(() => undefined);
      this.modules.set(moduleKey, module);
    }
    const layout = this.layout(kernel);
    try {
      const pipeline = await this.gpu.createComputePipelineAsync({
        label: kernel.name,
        layout: layout.pipeline,
        compute: { module, entryPoint: kernel.name },
      });
      return { pipeline, layout: layout.bindGroup };
    } catch (error) {
      throw await describeCompilation(kernel, module, error);
    }
  }

  /** Explicit layouts from the shader's own declarations; kernels with the same bindings share one. */
  private layout(kernel: KernelDescription) {
    const entries: GPUBindGroupLayoutEntry[] = kernel.storage.map(({ binding, access }) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' },
    }));
    for (const binding of [kernel.params?.binding, kernel.step]) {
      if (binding === undefined) continue;
      entries.push({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'uniform' } });
    }
    entries.sort((a, b) => a.binding - b.binding);
    const key = entries.map(({ binding, buffer }) => `${binding}${buffer!.type}`).join();
    let layout = this.layouts.get(key);
    if (!layout) {
      const bindGroup = this.gpu.createBindGroupLayout({ entries });
      layout = { bindGroup, pipeline: this.gpu.createPipelineLayout({ bindGroupLayouts: [bindGroup] }) };
      this.layouts.set(key, layout);
    }
    return layout;
  }
}

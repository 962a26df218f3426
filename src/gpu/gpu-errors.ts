/** Turns WebGPU's own errors into ours, with the shader file and line that they come from. */
import { GradloomError } from '../errors';
import type { KernelDescription } from '../kernels/kernel';

/** A shader compilation failure, one line per message: `softmax/softmax.forward.wgsl:31: ...`. */
export async function describeCompilation(
  kernel: KernelDescription,
  module: GPUShaderModule,
  cause: unknown,
): Promise<GradloomError> {
  const info = await module.getCompilationInfo();
  const messages = info.messages
    .filter((message) => message.type === 'error')
    .map((message) => `${sourceLine(kernel, message.lineNum)}: ${message.message}`);
  const text = messages.length ? messages.join('\n') : cause instanceof Error ? cause.message : String(cause);
  return new GradloomError({
    code: kernel.isCustom ? 'argument' : 'internal',
    op: kernel.name,
    got: `the shader does not compile\n${text}`,
    cause,
  });
}

/** File and line of a line of linked WGSL. */
export function sourceLine(kernel: KernelDescription, line: number): string {
  const origin = kernel.lines[line - 1];
  if (!origin) return fileOf(kernel);
  return `${kernel.isCustom ? '' : 'shaders/'}${kernel.files[origin[0]]}:${origin[1]}`;
}

const fileOf = ({ file, isCustom }: KernelDescription): string => (isCustom ? file : `shaders/${file}`);

/** An uncaptured error; the kernel is found by its label in the message. */
export function describeGpuError(error: GPUError, kernels: Iterable<KernelDescription>): GradloomError {
  const outOfMemory = error.constructor.name === 'GPUOutOfMemoryError';
  let op = 'gpu';
  let file = '';
  let isCustom = false;
  for (const kernel of kernels) {
    if (!error.message.includes(kernel.name)) continue;
    op = kernel.name;
    isCustom = kernel.isCustom ?? false;
    const position = /:(\d+):\d+ /.exec(error.message);
    file = ` (${position ? sourceLine(kernel, Number(position[1])) : fileOf(kernel)})`;
    break;
  }
  return new GradloomError({
    code: outOfMemory ? 'out-of-memory' : isCustom ? 'argument' : 'internal',
    op,
    got: `${error.message}${file}`,
    fix: outOfMemory ? 'Use a smaller batch or model' : undefined,
    cause: error,
  });
}

/** Kernels alone: the cases of each family, with the work that they do and the bytes that they must move. */
import { randomNumbers, sizeOf } from './workloads';

export type KernelCase =
  | { kind: 'gemm'; m: number; n: number; k: number; transposeA?: boolean; transposeB?: boolean }
  | {
      kind: 'conv';
      /** [N, C, H, W] */
      x: readonly number[];
      filters: number;
      size: number;
      stride?: number;
      groups?: number;
      training?: boolean;
    }
  | { kind: 'attention'; batch: number; heads: number; length: number; width: number; training?: boolean }
  | { kind: 'adam'; size: number };

export interface KernelFamily {
  name: string;
  cases: readonly KernelCase[];
  /** Too much for a CPU adapter: runs only when it is asked for by name. */
  large?: boolean;
}

/** Forward alone, and forward with all gradients. */
const bothWays = (made: Extract<KernelCase, { training?: boolean }>): KernelCase[] => [
  made,
  { ...made, training: true },
];

const gemm = (m: number, n = m, k = m): KernelCase => ({ kind: 'gemm', m, n, k });
const transposed = (size: number): KernelCase[] => [
  gemm(size),
  { ...gemm(size), transposeB: true } as KernelCase,
  { ...gemm(size), transposeA: true } as KernelCase,
];
const conv = (x: number[], filters: number, size: number, more: { stride?: number; groups?: number } = {}) =>
  bothWays({ kind: 'conv', x, filters, size, ...more });
const attention = (batch: number, heads: number, length: number, width: number) =>
  bothWays({ kind: 'attention', batch, heads, length, width });
const adam = (size: number): KernelCase => ({ kind: 'adam', size });

export const kernelFamilies: readonly KernelFamily[] = [
  {
    name: 'gemm',
    cases: [
      gemm(256),
      ...transposed(512),
      gemm(127, 255, 509),
      gemm(64, 256, 784),
      gemm(1, 1024, 1024),
      gemm(10, 64, 4096),
    ],
  },
  {
    name: 'conv',
    cases: [
      ...conv([16, 6, 14, 14], 16, 5),
      ...conv([8, 16, 32, 32], 16, 3),
      ...conv([8, 32, 16, 16], 64, 3, { stride: 2 }),
      ...conv([8, 64, 16, 16], 64, 1),
      ...conv([8, 32, 16, 16], 32, 3, { groups: 32 }),
    ],
  },
  { name: 'attention', cases: [...attention(4, 4, 64, 16), ...attention(2, 4, 256, 32)] },
  { name: 'adam', cases: [adam(61_706), adam(1_000_003)] },
  {
    name: 'gemm-l',
    large: true,
    cases: [...transposed(2048), ...transposed(4096), gemm(4097, 1025, 2049), gemm(4096, 64, 4096)],
  },
  {
    name: 'conv-l',
    large: true,
    cases: [...conv([32, 64, 56, 56], 64, 3), ...conv([32, 256, 14, 14], 256, 3)],
  },
  { name: 'attention-l', large: true, cases: [...attention(8, 12, 512, 64), ...attention(1, 16, 2048, 128)] },
  { name: 'adam-l', large: true, cases: [adam(64_000_000)] },
];

/** The case in a few characters. */
export function kernelLabel(made: KernelCase): string {
  switch (made.kind) {
    case 'gemm':
      return `${made.m}x${made.n}x${made.k} ${made.transposeA ? 'T' : 'N'}${made.transposeB ? 'T' : 'N'}`;
    case 'conv': {
      const { x, filters, size, stride = 1, groups = 1, training } = made;
      const extra = `${stride > 1 ? ` /${stride}` : ''}${groups > 1 ? ` g${groups}` : ''}`;
      return `[${x}] to ${filters}, ${size}x${size}${extra}${training ? ' +grad' : ''}`;
    }
    case 'attention':
      return `${made.batch}x${made.heads}x${made.length}x${made.width}${made.training ? ' +grad' : ''}`;
    case 'adam':
      return `${made.size}`;
  }
}

/** Shape of the output of a convolution that keeps the size (but for its stride). */
export function convOutput({
  x,
  filters,
  size,
  stride = 1,
}: Extract<KernelCase, { kind: 'conv' }>): number[] {
  const extent = (n: number) => Math.floor((n + 2 * Math.floor(size / 2) - size) / stride) + 1;
  return [x[0], filters, extent(x[2]), extent(x[3])];
}

/** Floating point operations, and the least number of bytes that are read and written. */
export function kernelWork(made: KernelCase): { flops: number; bytes: number } {
  switch (made.kind) {
    case 'gemm': {
      const { m, n, k } = made;
      return { flops: 2 * m * n * k, bytes: 4 * (m * k + k * n + m * n) };
    }
    case 'conv': {
      const { x, filters, size, groups = 1, training } = made;
      const y = sizeOf(convOutput(made));
      const weight = (filters * x[1] * size * size) / groups;
      const forward = (2 * y * x[1] * size * size) / groups;
      const bytes = 4 * (sizeOf(x) + weight + y);
      return { flops: training ? 3 * forward : forward, bytes: training ? 3 * bytes : bytes };
    }
    case 'attention': {
      const { batch, heads, length, width, training } = made;
      const forward = (4 * batch * heads * length * length * width) / 2;
      const bytes = 16 * batch * heads * length * width;
      return { flops: training ? 3.5 * forward : forward, bytes: training ? 3 * bytes : bytes };
    }
    case 'adam':
      return { flops: 12 * made.size, bytes: 28 * made.size };
  }
}

/** The operands of a case, each with its shape. Attention is causal. */
export function kernelInputs(made: KernelCase): Record<string, { shape: number[]; data: Float32Array }> {
  const random = randomNumbers(3);
  const tensor = (shape: number[]) => ({
    shape,
    data: new Float32Array(sizeOf(shape)).map(() => 2 * random() - 1),
  });
  switch (made.kind) {
    case 'gemm': {
      const { m, n, k } = made;
      return {
        a: tensor(made.transposeA ? [k, m] : [m, k]),
        b: tensor(made.transposeB ? [n, k] : [k, n]),
      };
    }
    case 'conv': {
      const { x, filters, size, groups = 1 } = made;
      return {
        x: tensor([...x]),
        weight: tensor([filters, x[1] / groups, size, size]),
        dy: tensor(convOutput(made)),
      };
    }
    case 'attention': {
      const shape = [made.batch, made.heads, made.length, made.width];
      return { q: tensor(shape), k: tensor(shape), v: tensor(shape), dy: tensor(shape) };
    }
    case 'adam': {
      const shape = [made.size];
      return { p: tensor(shape), g: tensor(shape) };
    }
  }
}

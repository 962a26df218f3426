/** Kernels alone on Gradloom: an op, or an op with its gradients, as a compiled plan that runs again and again. */
import { compile, createOptimizer, Graph, gradients, ops, requestDevice, type Tensor } from '../../../src';
import { type KernelCase, kernelInputs } from '../kernels';
import type { KernelSession } from './session';

export async function prepareKernel(made: KernelCase): Promise<KernelSession> {
  const device = await requestDevice({ selfCheck: false });
  const graph = new Graph({ training: true });
  const inputs = Object.entries(kernelInputs(made));
  const tensors = Object.fromEntries(inputs.map(([name, { shape }]) => [name, graph.input(name, shape)]));
  const outputs = made.kind === 'adam' ? recordAdam(graph, made.size, tensors) : record(made, tensors);
  const plan = await compile(device, graph, { outputs });
  for (const [name, { data }] of inputs) plan.write(name, data);
  let steps = 0;
  return {
    async run(count) {
      for (let i = 0; i < count; i++) {
        plan.run({ derived: made.kind === 'adam' ? adam.derive(steps++, adam.learningRate) : [] });
      }
      await device.gpu.queue.onSubmittedWorkDone();
    },
    async results() {
      const names = Object.keys(outputs);
      return Promise.all(names.map(async (name) => (await plan.readTensor(name)).data));
    },
    dispose() {
      plan.destroy();
      device.destroy();
    },
  };
}

const adam = createOptimizer({ type: 'adam', lr: 1e-3 });

/** The update of one run of parameters, as the trainer records it. */
function recordAdam(graph: Graph, size: number, { p, g }: Record<string, Tensor>): Record<string, Tensor> {
  const state = adam.stateNames.map((name) => graph.input(name, [size]));
  const scale = graph.constant(new Float32Array([1, 0, 0, 0]), [4]);
  adam.update({ size, parameters: p, gradients: g, state, scale, clipValue: -1, stepSlot: 0, after: [] });
  return { p };
}

function record(
  made: Exclude<KernelCase, { kind: 'adam' }>,
  t: Record<string, Tensor>,
): Record<string, Tensor> {
  const withGradients = (y: Tensor, wrt: string[]) => {
    if (!('training' in made && made.training)) return { y };
    const found = gradients(
      [y],
      [t.dy],
      wrt.map((name) => t[name]),
    );
    return { y, ...Object.fromEntries(wrt.map((name, i) => [`d${name}`, found[i]!])) };
  };
  switch (made.kind) {
    case 'gemm':
      return {
        c: ops.matmul(made.transposeA ? flipped(t.a) : t.a, made.transposeB ? flipped(t.b) : t.b),
      };
    case 'conv': {
      const { stride = 1, groups = 1, size } = made;
      const y = ops.conv2d(t.x, t.weight, null, { stride, groups, padding: Math.floor(size / 2) });
      return withGradients(y, ['x', 'weight']);
    }
    case 'attention':
      return withGradients(ops.scaledDotProductAttention(t.q, t.k, t.v, { isCausal: true }), ['q', 'k', 'v']);
  }
}

const flipped = (x: Tensor) => ops.transpose(x, { dim0: 0, dim1: 1 });

/** Kernels alone on jax-js, each in a jit of its own. */
import { blockUntilReady, defaultDevice, init, jit, lax, nn, numpy as np, vjp } from '@jax-js/jax';
import { type KernelCase, kernelInputs } from '../kernels';
import { type Backend, type KernelSession, Unsupported } from './session';

type NDArray = any;

export async function prepareKernel(made: KernelCase, backend: Backend): Promise<KernelSession> {
  const devices = await init();
  if (!devices.includes(backend)) throw new Unsupported(`jax-js has no ${backend} here: ${devices}`);
  defaultDevice(backend);
  const inputs: NDArray[] = Object.values(kernelInputs(made)).map(({ shape, data }) =>
    np.array(data, { shape }),
  );
  let state: NDArray[] = [];
  if (made.kind === 'adam') {
    const [p] = inputs.splice(0, 1);
    state = [p, np.zeros([made.size]), np.zeros([made.size]), np.array(1), np.array(1)];
  }
  const compute = jit((...args: NDArray[]) => record(made, args));
  let outputs: NDArray[] = [];
  return {
    async run(count) {
      const all: NDArray[] = [];
      for (let i = 0; i < count; i++) {
        const refs = inputs.map((input) => input.ref);
        if (made.kind === 'adam') {
          outputs = state = compute(...state, ...refs);
          continue;
        }
        outputs = compute(...refs);
        all.push(outputs);
      }
      // Nothing runs before it is asked for.
      await blockUntilReady(made.kind === 'adam' ? outputs : all);
      for (const made of all) if (made !== outputs) for (const output of made) output.dispose();
    },
    results: () =>
      Promise.all((made.kind === 'adam' ? outputs.slice(0, 1) : outputs).map((output) => output.ref.data())),
    dispose() {},
  };
}

function record(made: KernelCase, args: NDArray[]): NDArray[] {
  switch (made.kind) {
    case 'gemm': {
      const [a, b] = args;
      return [np.matmul(made.transposeA ? np.transpose(a) : a, made.transposeB ? np.transpose(b) : b)];
    }
    case 'conv': {
      const [x, weight, dy] = args;
      const { size, stride = 1, groups = 1 } = made;
      const pad = [Math.floor(size / 2), Math.floor(size / 2)];
      const conv = (x: NDArray, weight: NDArray) =>
        lax.convGeneralDilated(x, weight, [stride, stride], [pad, pad], { featureGroupCount: groups });
      return differentiated(conv, [x, weight], dy, made.training);
    }
    case 'attention': {
      const [q, k, v, dy] = args;
      // Heads come after positions here.
      const swap = (x: NDArray) => np.transpose(x, [0, 2, 1, 3]);
      const attend = (q: NDArray, k: NDArray, v: NDArray) =>
        swap(nn.dotProductAttention(swap(q), swap(k), swap(v), { isCausal: true }));
      return differentiated(attend, [q, k, v], dy, made.training);
    }
    case 'adam': {
      const [p, m, v, beta1, beta2, g] = args;
      const powers = [beta1.mul(0.9), beta2.mul(0.999)];
      const nextM = m.mul(0.9).add(g.ref.mul(0.1));
      const nextV = v.mul(0.999).add(np.square(g).mul(0.001));
      const mean = nextM.ref.div(np.subtract(1, powers[0].ref));
      const deviation = np.sqrt(nextV.ref.div(np.subtract(1, powers[1].ref))).add(1e-8);
      return [p.sub(mean.div(deviation).mul(1e-3)), nextM, nextV, ...powers];
    }
  }
}

function differentiated(
  f: (...args: NDArray[]) => NDArray,
  args: NDArray[],
  dy: NDArray,
  training?: boolean,
): NDArray[] {
  if (!training) {
    dy.dispose();
    return [f(...args)];
  }
  const [y, back] = vjp(f, args);
  return [y, ...back(dy)];
}

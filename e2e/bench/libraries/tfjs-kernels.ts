/** Kernels alone on tfjs-core. */
import * as tf from '@tensorflow/tfjs-core';
import { type KernelCase, kernelInputs } from '../kernels';
import type { Backend, KernelSession } from './session';
import { start as startBackend } from './tfjs-backend';

type TF = any;

export async function prepareKernel(made: KernelCase, backend: Backend): Promise<KernelSession> {
  await startBackend(backend);
  const inputs: Record<string, TF> = {};
  for (const [name, { shape, data }] of Object.entries(kernelInputs(made))) {
    inputs[name] = tf.tidy(() => arrange(made, name, tf.tensor(data, shape)));
  }
  const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
  const parameter = made.kind === 'adam' ? tf.variable(inputs.p, true, 'p') : undefined;
  let outputs: TF[] = [];
  return {
    async run(count) {
      for (let i = 0; i < count; i++) {
        if (made.kind === 'adam') {
          optimizer.applyGradients({ p: inputs.g });
          outputs = [parameter];
          continue;
        }
        tf.dispose(outputs);
        outputs = tf.tidy(() => record(made, inputs));
      }
      const { queue, submitQueue } = tf.backend();
      // Dispatches wait in the library until there are enough of them; without a queue they ran at once.
      submitQueue?.call(tf.backend());
      if (queue) await queue.onSubmittedWorkDone();
    },
    results: () => Promise.all(outputs.map((output) => output.data())),
    dispose() {},
  };
}

/** Images are NHWC and filters HWIO here; of a convolution by groups, one filter per channel is offered. */
function arrange(made: KernelCase, name: string, tensor: TF): TF {
  if (made.kind !== 'conv') return tensor;
  if (name !== 'weight') return tf.transpose(tensor, [0, 2, 3, 1]);
  return tf.transpose(tensor, (made.groups ?? 1) > 1 ? [2, 3, 0, 1] : [2, 3, 1, 0]);
}

function record(
  made: Exclude<KernelCase, { kind: 'adam' }>,
  { a, b, x, weight, q, k, v, dy }: Record<string, TF>,
) {
  const differentiated = (f: TF, args: TF[]): TF[] => {
    if (!('training' in made && made.training)) return [f(...args)];
    const { value, grads } = tf.valueAndGrads(f)(args, dy);
    return [value, ...grads];
  };
  switch (made.kind) {
    case 'gemm':
      return [tf.matMul(a, b, made.transposeA, made.transposeB)];
    case 'conv': {
      const { stride = 1, size, groups = 1 } = made;
      const conv = groups > 1 ? tf.depthwiseConv2d : tf.conv2d;
      return differentiated(
        (x: TF, weight: TF) => conv(x, weight, stride, Math.floor(size / 2)),
        [x, weight],
      );
    }
    case 'attention': {
      const { length, width } = made;
      const mask = tf.mul(tf.sub(tf.linalg.bandPart(tf.ones([length, length]), -1, 0), 1), 1e9);
      const attend = (q: TF, k: TF, v: TF) => {
        const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width)), mask);
        return tf.matMul(tf.softmax(scores), v);
      };
      return differentiated(attend, [q, k, v]);
    }
  }
}

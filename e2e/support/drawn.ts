/** Values that the generator of goldens/train_steps.py draws too. */
import type * as nn from '../../src/nn';

/** The generator of train_steps.py. */
export function drawn(shape: number[], salt: number): { shape: number[]; data: Float32Array } {
  const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
  let state = salt * 7919 + 17;
  for (let i = 0; i < data.length; i++) {
    state = Number((BigInt(state) * 1103515n + 12345n) % 16777216n);
    data[i] = state / 16777216 - 0.5;
  }
  return { shape, data };
}

export function fill<M extends nn.Module>(model: M, salt: number): M {
  model.parameters().forEach((variable, i) => {
    variable.data = drawn([...variable.shape], salt + i).data;
  });
  return model;
}

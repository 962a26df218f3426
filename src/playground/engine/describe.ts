/** A spec layer by layer: shapes, parameters and work, and the layer that does not fit. */
import type { Device } from '../../gpu/device';
import { fromSpec } from '../../spec';
import { summary } from '../../train';
import { topLayers, typeOf } from './layers';
import type { LayerInfo, ModelInfo } from './protocol';

/** @param outputs of a sample that the data asks for; another number of them is an error */
export function describeModel(
  spec: unknown,
  xShape: readonly number[],
  options: { outputs?: number; batchSize?: number; device?: Device; optimizer?: string } = {},
): ModelInfo {
  const layers: LayerInfo[] = [];
  let shape: number[] | undefined = [...xShape];
  let error: ModelInfo['error'];
  topLayers(spec).forEach(({ key, spec: layer }, i) => {
    const info: LayerInfo = { key, type: typeOf(layer), parameters: 0, multAdds: 0 };
    layers.push(info);
    try {
      const module = fromSpec(layer, `layer ${i + 1}`);
      info.parameters = module.parameters().reduce((sum, { size }) => sum + size, 0);
      if (!shape) return;
      const found = summary(module, shape, { batchSize: 2 });
      info.multAdds = found.multAdds;
      info.outputShape = found.outputShape.slice(1);
      shape = info.outputShape;
    } catch (cause) {
      error ??= { layer: i, message: messageOf(cause) };
      shape = undefined;
    }
  });
  const { outputs, batchSize = 32, device, optimizer = 'adam' } = options;
  const total = layers.reduce((sum, { parameters }) => sum + parameters, 0);
  const result: ModelInfo = {
    layers,
    parameters: total,
    multAdds: layers.reduce((sum, { multAdds }) => sum + multAdds, 0),
    error,
  };
  if (error) return result;
  try {
    const whole = summary(fromSpec(spec), xShape, {
      batchSize,
      device,
      optimizer: { type: optimizer } as { type: 'adam' },
    });
    result.bytes = whole.memory.training;
    if (
      outputs !== undefined &&
      shape?.reduce((a, b) => a * b, 1) !== outputs &&
      !isLanguage(shape, outputs)
    ) {
      const message = `output is [${shape?.join(', ')}]; the data asks for ${outputs} value${outputs === 1 ? '' : 's'}`;
      result.error = { layer: layers.length - 1, message };
    }
  } catch (cause) {
    result.error = { layer: -1, message: messageOf(cause) };
  }
  return result;
}

/** Whether there is a score of each token at each position. */
const isLanguage = (shape: readonly number[] | undefined, outputs: number) =>
  shape?.length === 2 && shape[1] === outputs;

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

/** Makes the layers of a chain fit each other: each takes as many features or channels as the one before gives. */
import { fromSpec } from '../../spec';
import { summary } from '../../train';
import { topLayers, withLayers } from './layers';

/** The option that says how much a layer takes, and where that stands in the shape of a sample. */
const TAKES: Readonly<Record<string, { option: string; of(shape: readonly number[]): number | undefined }>> =
  {
    ...Object.fromEntries(
      ['linear'].map((type) => [type, { option: 'inFeatures', of: (shape) => shape.at(-1) }]),
    ),
    ...Object.fromEntries(
      ['conv1d', 'conv2d', 'conv3d', 'convTranspose1d', 'convTranspose2d', 'convTranspose3d'].map((type) => [
        type,
        { option: 'inChannels', of: (shape) => shape[0] },
      ]),
    ),
    ...Object.fromEntries(
      ['batchNorm', 'batchNorm1d', 'batchNorm2d', 'batchNorm3d', 'instanceNorm1d', 'instanceNorm2d'].map(
        (type) => [type, { option: 'numFeatures', of: (shape) => shape[0] }],
      ),
    ),
    ...Object.fromEntries(
      ['lstm', 'gru'].map((type) => [type, { option: 'inputSize', of: (shape) => shape.at(-1) }]),
    ),
    layerNorm: { option: 'normalizedShape', of: (shape) => shape.at(-1) },
  };

/** The spec with those options set by what comes in; the last layer that gives features gives `outputs`. */
export function mendModel(spec: unknown, xShape: readonly number[], outputs?: number): unknown {
  const layers = topLayers(spec);
  if (layers.length === 1 && layers[0].key === '') return spec;
  const last = layers.findLastIndex(
    ({ spec: layer }) => (layer as { type?: unknown } | null)?.type === 'linear',
  );
  let shape: readonly number[] | undefined = xShape;
  const mended = layers.map(({ key, spec: given }, i) => {
    let layer = given as Record<string, unknown>;
    if (!shape || typeof layer?.type !== 'string') shape = undefined;
    else {
      const takes = Object.hasOwn(TAKES, layer.type) ? TAKES[layer.type] : undefined;
      const size = takes?.of(shape);
      if (takes && size !== undefined && layer[takes.option] !== size)
        layer = { ...layer, [takes.option]: size };
      if (i === last && outputs !== undefined) layer = { ...layer, outFeatures: outputs };
    }
    try {
      if (shape) shape = summary(fromSpec(layer ?? given), shape, { batchSize: 2 }).outputShape.slice(1);
    } catch {
      shape = undefined;
    }
    return { key, spec: layer ?? given };
  });
  return withLayers(spec, mended);
}

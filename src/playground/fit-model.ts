/** A model and settings made to fit other data: the present one where its ends can be changed, else a usual one. */
import type { DataInfo } from './data/make';
import { topLayers, withLayers } from './engine/layers';
import { presetState } from './presets';
import type { DataRecipe, PlaygroundState, TrainingSettings } from './recipe';

type Layer = Record<string, unknown>;

const USUAL = {
  digits: 'digits',
  plane: 'spiral',
  series: 'series',
  names: 'names',
  text: 'char-gpt',
  csv: 'circles',
  images: 'digits-cnn',
} as const;

/** @param info of the data */
export function fitModel(
  state: PlaygroundState,
  data: DataRecipe,
  info: DataInfo,
): { model: unknown; training: TrainingSettings } {
  const isSameKind = state.data.kind === data.kind;
  const usual = presetState(
    data.kind === 'digits' && data.task === 'reconstruct' ? 'autoencoder' : USUAL[data.kind],
  );
  const loss = info.task === 'classify' || info.task === 'language' ? 'crossEntropy' : 'mseLoss';
  const base = isSameKind ? state : usual;
  const training = {
    ...base.training,
    loss: base.training.loss === 'crossEntropy' || loss === 'crossEntropy' ? loss : base.training.loss,
  } as TrainingSettings;
  const layers = topLayers(base.model).map((layer) => ({ ...layer }));
  if (layers.length === 1 && layers[0].key === '')
    return { model: withVocabulary(base.model, info.outputs, info.xShape), training };
  const isLinear = ({ spec }: { spec: unknown }) => (spec as Layer)?.type === 'linear';
  const last = layers.findLast(isLinear);
  if (last) last.spec = { ...(last.spec as Layer), outFeatures: info.outputs };
  const first = layers[0];
  if (first && isLinear(first) && info.xShape.length === 1)
    first.spec = { ...(first.spec as Layer), inFeatures: info.xShape[0] };
  const firstType = (first?.spec as Layer | undefined)?.type;
  if (firstType === 'embedding' && info.characters)
    first.spec = { ...(first.spec as Layer), numEmbeddings: info.characters.length };
  const model = withLayers(base.model, layers);
  return { model: info.input === 'image' ? withChannels(model, info.xShape[0]) : model, training };
}

/** Language models say how many tokens there are, and how many they look at. */
function withVocabulary(model: unknown, vocabSize: number, [blockSize]: number[]): unknown {
  const layer = model as Layer;
  return {
    ...layer,
    ...('vocabSize' in layer && { vocabSize }),
    ...('blockSize' in layer && { blockSize: Math.max(blockSize, layer.blockSize as number) }),
  };
}

/** The first convolution takes as many channels as pictures have, also within a block. */
function withChannels(model: unknown, channels: number): unknown {
  let done = false;
  const visit = (value: unknown): unknown => {
    if (done || typeof value !== 'object' || value === null) return value;
    if ((value as Layer).type === 'conv2d') {
      done = true;
      return { ...value, inChannels: channels };
    }
    if (Array.isArray(value)) return value.map(visit);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, visit(inner)]));
  };
  return visit(model);
}

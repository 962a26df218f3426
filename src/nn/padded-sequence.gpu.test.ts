import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { labelledTexts, WordTokenizer } from '../data';
import type { Device } from '../gpu/device';
import { fromSpec } from '../spec';
import { predict } from '../train/predictor';
import { Trainer } from '../train/trainer';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const embedding = { type: 'embedding', numEmbeddings: 9, embeddingDim: 4, paddingIdx: 0 };
const recurrent = { inputSize: 4, hiddenSize: 3, batchFirst: true, bidirectional: true, output: 'last' };
const encoder = { dModel: 4, nhead: 2, dimFeedforward: 8, dropout: 0, batchFirst: true, numLayers: 2 };
const SPECS = {
  lstm: { type: 'paddedSequence', layers: [embedding, { type: 'lstm', ...recurrent }] },
  gru: { type: 'paddedSequence', layers: [embedding, { type: 'gru', ...recurrent }] },
  encoder: {
    type: 'paddedSequence',
    pool: 'mean',
    layers: [embedding, { type: 'transformerEncoder', ...encoder }],
  },
  attention: {
    type: 'paddedSequence',
    pool: 'mean',
    layers: [embedding, { type: 'multiheadAttention', embedDim: 4, numHeads: 2, batchFirst: true }],
  },
};

it.each(Object.entries(SPECS))('%s gives a sequence the same however far it is padded', async (_, spec) => {
  const model = fromSpec(spec);
  const alone = await predict(device, model, [[3, 7]]);
  const padded = await predict(device, model, [
    [3, 7, 0, 0, 0],
    [1, 2, 3, 4, 5],
  ]);
  alone.data.forEach((value, i) => {
    expect(padded.data[i]).toBeCloseTo(value, 5);
  });
});

it('learns which word stands last before the padding', async () => {
  const texts = ['a b', 'b a', 'a a b', 'b b a', 'a a a b', 'b a b a', 'b b a b', 'a b b a'];
  const tokenizer = WordTokenizer.fromTexts(texts);
  const data = labelledTexts(texts, [1, 0, 1, 0, 1, 0, 1, 0], tokenizer);
  const last = { type: 'lstm', inputSize: 4, hiddenSize: 4, batchFirst: true, output: 'last' };
  const model = fromSpec([
    { type: 'paddedSequence', layers: [{ ...embedding, numEmbeddings: tokenizer.size }, last] },
    { type: 'linear', inFeatures: 4, outFeatures: 2 },
  ]);
  const trainer = new Trainer(device, model, { loss: 'crossEntropy', optimizer: { type: 'adam', lr: 0.05 } });
  await trainer.fit(data, { epochs: 25, batchSize: 8 });
  expect((await trainer.evaluate(data)).accuracy).toBe(1);
  await trainer.dispose();
});

it('refuses layers that take the sequence first', () => {
  const layer = { type: 'gru', inputSize: 4, hiddenSize: 3 };
  expect(() => fromSpec({ type: 'paddedSequence', layers: [embedding, layer] })).toThrow(/batchFirst.*true/);
});

/** Low-rank adaptation: outputs, training, merging, and the files of PEFT. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { copyOf, outputsOf, ramp } from '../../e2e/support/models';
import { ArrayDataset } from '../data/dataset';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import { GPT } from '../models';
import * as nn from '../nn';
import { transpose } from '../ops';
import { Predictor, Trainer } from '../train';
import { applyLora, loadPeft, toPeftFiles } from './index';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const closeTo = (a: Float32Array, b: Float32Array, tolerance = 1e-5) => {
  expect(a.length).toBe(b.length);
  a.forEach((value, i) => {
    if (Math.abs(value - b[i]) > tolerance * Math.max(1, Math.abs(b[i])))
      expect([i, value]).toEqual([i, b[i]]);
  });
};

/** Every kind of layer that can be adapted. */
class Every extends nn.Module {
  readonly table = new nn.Embedding(7, 4);
  readonly conv = new nn.Conv1d(4, 6, 3, { padding: 1 });
  readonly attn = new nn.MultiheadAttention(6, 2, { batchFirst: true });
  readonly fc = new nn.Linear(6, 5);
  override forward(tokens: Tensor) {
    const turned = (x: Tensor) => transpose(x, { dim0: 1, dim1: 2 });
    const x = turned(this.conv.forward(turned(this.table.forward(tokens))));
    return this.fc.forward(this.attn.forward(x));
  }
}
const tokens = { shape: [3, 5], data: Int32Array.from({ length: 15 }, (_, i) => (i * i) % 7) };
const targets = ['table', 'conv', 'attn', 'fc'];

/** A model whose matrices are no longer 0. */
function adapted() {
  const model = new Every().initialize(5);
  const lora = applyLora(model, { rank: 2, alpha: 3, targets });
  model.initialize(5);
  for (const [, variable] of lora.namedParameters()) variable.data = ramp(variable.size, 0.4);
  return { model, lora };
}

describe('applyLora', () => {
  it('changes nothing at first, and trains the matrices alone', async () => {
    const plain = new Every().initialize(5);
    const before = copyOf(plain.stateDict());
    const expected = await outputsOf(device, plain, tokens);
    const lora = applyLora(plain, { rank: 2, targets });
    expect(lora.namedParameters().map(([name, { shape }]) => `${name} ${shape}`)).toEqual([
      'table.lora_embedding_A 2,7',
      'table.lora_embedding_B 4,2',
      'conv.lora_A.weight 2,4,3',
      'conv.lora_B.weight 6,2,1',
      'attn.lora_A.weight 2,6',
      'attn.lora_B.weight 18,2',
      'fc.lora_A.weight 2,6',
      'fc.lora_B.weight 5,2',
      'attn.out_proj.lora_A.weight 2,6',
      'attn.out_proj.lora_B.weight 6,2',
    ]);
    closeTo(await outputsOf(device, plain, tokens), expected);
    const data = ArrayDataset.fromArrays({ x: tokens.data, y: ramp(75), xShape: [5], yShape: [5, 5] });
    const trainer = new Trainer(device, plain, { loss: 'mse', optimizer: { type: 'adamW', lr: 0.05 } });
    const losses = await trainer.fitSteps(data, { steps: 25, batchSize: 3 });
    expect(losses.at(-1)!).toBeLessThan(losses[0] / 2);
    const after = await trainer.stateDict();
    for (const [name, { data: values }] of Object.entries(before))
      expect(after[name].data, name).toEqual(values);
    for (const [name] of lora.namedParameters())
      expect(
        after[name].data.some((value) => value !== 0),
        name,
      ).toBe(true);
    await trainer.dispose();
  });

  it('adds scaling B A to the weights: merged, the same outputs, also of plans from before; unmerged, the same bits', async () => {
    const { model, lora } = adapted();
    const state = copyOf(model.stateDict());
    const predictor = new Predictor(device, model);
    const before = (await predictor.predict(tokens)).data;
    lora.merge();
    expect(Object.keys(model.stateDict()).filter((name) => name.includes('lora_'))).toEqual([]);
    const merged = new Every();
    merged.loadStateDict(model.stateDict());
    closeTo(await outputsOf(device, merged, tokens), before);
    closeTo((await predictor.predict(tokens)).data, before);
    // W + scaling B A by hand, for one value.
    const [w, b, a] = ['fc.weight', 'fc.lora_B.weight', 'fc.lora_A.weight'].map((name) => state[name].data);
    const expected = w[7] + 1.5 * (b[2] * a[1] + b[3] * a[7]);
    expect(model.stateDict()['fc.weight'].data[7]).toBeCloseTo(expected, 6);
    lora.unmerge();
    expect(copyOf(model.stateDict())).toEqual(state);
    expect((await predictor.predict(tokens)).data).toEqual(before);
    predictor.dispose();
  });

  it('goes through the files of PEFT', async () => {
    const { model, lora } = adapted();
    const files = toPeftFiles(lora);
    expect(JSON.parse(files['adapter_config.json'])).toMatchObject({
      peft_type: 'LORA',
      r: 2,
      lora_alpha: 3,
      target_modules: targets,
    });
    const another = new Every().initialize(5);
    const loaded = loadPeft(another, files);
    expect(loaded.stateDict()).toEqual(lora.stateDict());
    closeTo(await outputsOf(device, another, tokens), await outputsOf(device, model, tokens), 0);
    const text = new TextDecoder('latin1').decode(files['adapter_model.safetensors']);
    expect(text).toContain('base_model.model.attn.base_layer.out_proj.lora_A.weight');
    expect(text).toContain('base_model.model.table.lora_embedding_A');
  });

  it('adapts a GPT, whose generation and last layer it leaves right', async () => {
    const model = new GPT({ vocabSize: 11, blockSize: 8, nLayer: 1, nHead: 2, nEmbd: 8 }).initialize(1);
    const lora = applyLora(model, { rank: 2, modulesToSave: ['transformer.ln_f'] });
    expect([...lora.layers.keys()].map((path) => path.replace('transformer.h.0.', ''))).toEqual([
      'attn.c_attn',
      'attn.c_proj',
      'mlp.c_fc',
      'mlp.c_proj',
    ]);
    expect(lora.namedParameters().map(([name]) => name)).toContain('transformer.ln_f.weight');
    expect(() => applyLora(model)).toThrow(/Call merge first/);
    // A tied weight is trained under either name.
    for (const name of ['transformer.wte', 'lm_head']) {
      const tied = new GPT({ vocabSize: 5, blockSize: 4, nLayer: 1, nEmbd: 8, nHead: 2 });
      applyLora(tied, { rank: 2, modulesToSave: [name] });
      expect(tied.transformer.wte.weight.requiresGrad).toBe(true);
      expect(tied.transformer.wpe.weight.requiresGrad).toBe(false);
    }
    expect(() =>
      applyLora(new GPT({ vocabSize: 5, blockSize: 4, nEmbd: 8, nHead: 2 }), { targets: ['wte'] }),
    ).toThrow(/weight is transformer.wte.weight and lm_head.weight/);
  });

  it('refuses what it cannot mean, and leaves the model as it was', () => {
    const model = new Every().initialize(1);
    const refuse = (options: object, message: RegExp) =>
      expect(() => applyLora(model, options), JSON.stringify(options)).toThrow(message);
    refuse({ rank: 0 }, /rank is 0/);
    refuse({ r: 4 }, /r is not an option/);
    refuse({ rank: 6, targets: ['fc'] }, /rank of 5 at most/);
    refuse({ alpha: Number.NaN }, /alpha is NaN/);
    refuse({ dropout: 1 }, /dropout is 1/);
    refuse({ targets: ['fd'] }, /not in the model.*Did you mean fc/s);
    refuse({ targets: [] }, /targets/);
    refuse({ bias: 'some' }, /bias is "some"/);
    refuse({ targets: ['fc'], modulesToSave: ['head'] }, /modulesToSave is "head"/);
    expect(model.parameters().every(({ requiresGrad }) => requiresGrad)).toBe(true);
    const files = toPeftFiles(applyLora(new Every(), { rank: 2, targets: ['fc'] }));
    const spoiled = (config: object) => ({
      ...files,
      'adapter_config.json': { ...JSON.parse(files['adapter_config.json']), ...config },
    });
    expect(() => loadPeft(model, spoiled({ use_dora: true }))).toThrow(/use_dora/);
    expect(() => loadPeft(model, spoiled({ peft_type: 'IA3' }))).toThrow(/peft_type is "IA3"/);
    expect(() => loadPeft(model, spoiled({ lora_alpha: 'x' }))).toThrow(/lora_alpha/);
    expect(() => loadPeft(model, { ...files, 'adapter_config.json': '{' })).toThrow(/no JSON/);
    expect(() => loadPeft(new nn.Sequential({ fc: new nn.Linear(5, 5) }), files)).toThrow(/fc.lora_A.weight/);
    expect(() => loadPeft(new nn.Linear(5, 5), files)).toThrow(/layer that the model lacks/);
    expect(model.parameters().every(({ requiresGrad }) => requiresGrad)).toBe(true);
  });
});

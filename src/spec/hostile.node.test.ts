/** Specs of strangers: each is refused, or built, in short time and text. */
import { describe, expect, it } from 'vitest';
import { refusal } from '../../e2e/support/refusal';
import { GradloomError } from '../errors';
import { fromSpec } from './model';
import { moduleTypes } from './modules';

function nested(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let spec: unknown = { type: 'relu' };
  for (let i = 0; i < depth; i++) spec = wrap(spec);
  return spec;
}

const circular: unknown[] = [];
circular.push(circular);
const transformer = { type: 'transformerEncoder', dModel: 8, nhead: 2 };
const long = 'x'.repeat(1e6);

describe('refuses at once', () => {
  it.each<[string, unknown, RegExp]>([
    [
      'an embedding of 10^9 rows',
      { type: 'embedding', numEmbeddings: 1e9, embeddingDim: 1 },
      /1,000,000,000 param/,
    ],
    ['10^9 layers', { ...transformer, numLayers: 1e9 }, /1000000001 layers or more; expected at most 10,000/],
    ['10^9 recurrent layers', { type: 'lstm', inputSize: 1, hiddenSize: 1, numLayers: 1e9 }, /layers/],
    ['10^9 blocks', { type: 'gpt', vocabSize: 9, blockSize: 9, nLayer: 1e9 }, /layers/],
    ['many blocks', { type: 'resnet', block: 'basic', layers: [1, 1e9, 1, 1] }, /layers/],
    ['layers that add up', new Array(20).fill({ ...transformer, numLayers: 1000 }), /layers/],
    ['lists in lists', nested(10_000, (inner) => [inner]), /nested deeper than 100 layers/],
    [
      'layers in layers',
      nested(10_000, (layer) => ({ type: 'sequential', layers: [layer] })),
      /nested deeper/,
    ],
    ['itself', circular, /nested deeper/],
    ['many values', new Array(200_000).fill(0), /more than 100000 values/],
    ['a list of holes', new Array(4), /a list with holes/],
    ['a list of 10^9 holes', new Array(1e9), /holes/],
    ['wide layers', { type: 'linear', inFeatures: 2 ** 53 - 1, outFeatures: 2 ** 53 - 1 }, /parameters/],
    ['a type of a million characters', { type: long }, /a text of 1000000 characters/],
    ['a key of a million characters', { type: 'relu', [long]: 1 }, /a text of 1000000 characters/],
    ['the type __proto__', { type: '__proto__' }, /type is "__proto__"; expected a layer that exists/],
    ['the type constructor', { type: 'constructor' }, /"constructor"/],
    ['the type toString', { type: 'toString' }, /"toString"/],
    ['the option __proto__', JSON.parse('{"type":"relu","__proto__":{"a":1}}'), /__proto__ is not an/],
    ['a big integer', { type: 'linear', inFeatures: 4n, outFeatures: 2 }, /inFeatures is 4/],
    [
      'a value of many',
      { type: 'linear', inFeatures: new Array(5000).fill(long.slice(0, 99)) },
      /inFeatures is \[/,
    ],
    ['a type that is no text', { type: { toString: () => 'relu' } }, /expected a layer such as/],
  ])('%s', (_, spec, message) => {
    // What the first call does for all of them does not count.
    fromSpec([{ type: 'relu' }]);
    const { error, milliseconds } = refusal(() => fromSpec(spec));
    expect(milliseconds).toBeLessThan(100);
    expect(error).toBeInstanceOf(GradloomError);
    expect((error as GradloomError).code).toBe('spec');
    expect((error as GradloomError).message).toMatch(message);
    expect((error as GradloomError).message.length).toBeLessThan(1000);
  });

  it('sizes below 0 and no whole ones, in every layer that has sizes', () => {
    for (const [type, { options }] of Object.entries(moduleTypes)) {
      const required = Object.entries(options.shape).filter(([, schema]) => !schema.mayBeAbsent);
      if (required.length === 0) continue;
      for (const value of [-1, 1.5, 1e300, Number.NaN, '4', null, {}]) {
        const spec = { type, ...Object.fromEntries(required.map(([name]) => [name, value])) };
        try {
          fromSpec(spec);
        } catch (error) {
          expect(error, `${type} ${value}`).toBeInstanceOf(GradloomError);
          expect((error as GradloomError).code, `${type} ${value}`).not.toBe('internal');
        }
      }
    }
  });
});

describe('layer names that all objects have', () => {
  it('are names as others', () => {
    const layers = JSON.parse(
      `{${['__proto__', 'constructor', 'toString', 'hasOwnProperty', '0']
        .map((name) => `"${name}":{"type":"linear","inFeatures":1,"outFeatures":1,"bias":false}`)
        .join()}}`,
    );
    const model = fromSpec({ type: 'sequential', layers });
    const state = model.stateDict();
    expect(Object.keys(state).sort()).toEqual(
      [
        '0.weight',
        '__proto__.weight',
        'constructor.weight',
        'hasOwnProperty.weight',
        'toString.weight',
      ].sort(),
    );
    fromSpec({ type: 'sequential', layers }).loadStateDict(state);
    expect(({} as Record<string, unknown>).type).toBeUndefined();
  });
});

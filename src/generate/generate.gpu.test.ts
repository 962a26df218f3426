// Generation on the device: cached steps against whole forward passes, strategies against each other, errors.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import { Graph } from '../graph/ir/graph';
import { compile } from '../graph/runtime/compile';
import { GPT, RecurrentLM, Seq2Seq } from '../models';
import type { Decodable } from '../nn';
import { Random } from '../random';
import { Generator } from './generator';
import { argmax, logSoftmax } from './sampling';
import { DecodeSession } from './session';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const VOCABULARY = 11;

/** Random weights that are large enough for tokens to matter. */
function lively<M extends Decodable>(model: M, seed = 1): M {
  model.initialize(seed);
  const random = new Random(seed, 'lively');
  for (const variable of model.parameters()) {
    variable.data = variable.data!.map((value) => value + 0.3 * random.normal());
  }
  return model;
}

const models: Record<string, () => Decodable> = {
  gpt: () => lively(new GPT({ vocabSize: VOCABULARY, blockSize: 96, nLayer: 2, nHead: 2, nEmbd: 16 })),
  rnn: () => lively(new RecurrentLM({ vocabSize: VOCABULARY, cell: 'rnn', hiddenSize: 12 })),
  lstm: () => lively(new RecurrentLM({ vocabSize: VOCABULARY, cell: 'lstm', hiddenSize: 12, numLayers: 2 })),
  gru: () => lively(new RecurrentLM({ vocabSize: VOCABULARY, cell: 'gru', hiddenSize: 12, numLayers: 2 })),
};

/** Logits after every position of one text, by a whole forward pass. */
async function fullLogits(model: Decodable, text: readonly number[]): Promise<Float32Array[]> {
  const graph = new Graph();
  const logits = model.forward(graph.input('tokens', [1, text.length], 'i32'));
  const plan = await compile(device, graph, { outputs: { logits } });
  plan.write('tokens', Int32Array.from(text));
  plan.run();
  const all = (await plan.read('logits')) as Float32Array;
  plan.destroy();
  return text.map((_, t) => all.subarray(t * VOCABULARY, (t + 1) * VOCABULARY));
}

function expectClose(got: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(got.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(got[i] - expected[i])).toBeLessThan(2e-4 * Math.max(1, Math.abs(expected[i])));
  }
}

const randomText = (length: number, seed = 5) => {
  const random = new Random(seed, 'text');
  return Array.from({ length }, () => random.integer(VOCABULARY));
};

describe.each(Object.keys(models))('%s', (name) => {
  it('decodes step by step to the logits of a whole forward pass', async () => {
    const model = models[name]();
    const sizes = { rows: 2, capacity: 96, sourceLength: 0 };
    const session = new DecodeSession(device, model, sizes);
    session.reset();
    // Two texts of different length: 70 and 5 tokens at once, then 6 one by one.
    const texts = [randomText(76, 1), randomText(11, 2)];
    const prompts = [70, 5];
    const steps = 128;
    const tokens = new Int32Array(2 * steps);
    const positions = new Int32Array(2 * steps).fill(-1);
    texts.forEach((text, row) => {
      for (let t = 0; t < prompts[row]; t++) {
        tokens[row * steps + t] = text[t];
        positions[row * steps + t] = t;
      }
    });
    const parents = Int32Array.from([0, 1]);
    const sources = Int32Array.from({ length: 2 * 96 }, (_, i) => Math.floor(i / 96));
    const expected = await Promise.all(texts.map((text) => fullLogits(model, text)));
    let logits = await session.step({
      steps,
      tokens,
      positions,
      lengths: Int32Array.from(prompts),
      parents,
      sources,
    });
    for (let i = 0; i <= 6; i++) {
      texts.forEach((_, row) => {
        const got = logits.subarray(row * VOCABULARY, (row + 1) * VOCABULARY);
        expectClose(got, expected[row][prompts[row] + i - 1]);
      });
      if (i === 6) break;
      const at = prompts.map((prompt) => prompt + i);
      logits = await session.step({
        steps: 1,
        tokens: Int32Array.from(texts, (text, row) => text[at[row]]),
        positions: Int32Array.from(at),
        lengths: Int32Array.from([1, 1]),
        parents,
        sources,
      });
    }
    await session.destroy();
  });

  it('greedy is the argmax over whole forward passes, one beam the same', async () => {
    const model = models[name]();
    const generator = new Generator(device, model);
    const prompts = [randomText(9, 3), [4]];
    const greedy = await generator.generate(prompts, { maxNewTokens: 12 });
    for (const [i, prompt] of prompts.entries()) {
      const text = [...prompt, ...greedy[i].tokens];
      const logits = await fullLogits(model, text);
      let logProbability = 0;
      greedy[i].tokens.forEach((token, t) => {
        const row = logits[prompt.length - 1 + t];
        // Where two tokens are as likely, rounding may decide.
        expect(row[token]).toBeGreaterThan(row[argmax(row)] - 1e-3);
        logProbability += logSoftmax(row)[token];
      });
      expect(greedy[i].tokens).toHaveLength(12);
      expect(greedy[i].logProbability).toBeCloseTo(logProbability, 2);
    }
    const beam = await generator.generate(prompts, {
      maxNewTokens: 12,
      strategy: { type: 'beam', beams: 1 },
    });
    expect(beam.map(({ tokens }) => tokens)).toEqual(greedy.map(({ tokens }) => tokens));
    await generator.dispose();
  });

  it('beam search finds the best of all sequences when it may follow them all', async () => {
    const model = models[name]();
    const generator = new Generator(device, model);
    const prompt = [3, 1];
    const endToken = 0;
    // Two free tokens and a third step: all 11 * 11 pairs can stay live.
    const strategy = { type: 'beam', beams: VOCABULARY ** 2, lengthPenalty: 0.6 } as const;
    const [found] = await generator.generate([prompt], { maxNewTokens: 2, endToken, strategy });
    let best = { tokens: [] as number[], score: Number.NEGATIVE_INFINITY };
    const consider = (tokens: number[], logProbability: number, length: number) => {
      const score = logProbability / ((5 + length) / 6) ** 0.6;
      if (score > best.score) best = { tokens, score };
    };
    const [, first] = (await fullLogits(model, prompt)).map((row) => logSoftmax(row));
    consider([], first[endToken], 1);
    for (let a = 1; a < VOCABULARY; a++) {
      const second = logSoftmax((await fullLogits(model, [...prompt, a]))[2]);
      for (let b = 0; b < VOCABULARY; b++) consider(b === endToken ? [a] : [a, b], first[a] + second[b], 2);
    }
    expect(found.tokens).toEqual(best.tokens);
    expect(found.score).toBeCloseTo(best.score, 3);
    await generator.dispose();
  });

  it('follows beams with the right past', async () => {
    const model = models[name]();
    const generator = new Generator(device, model);
    const prompts = [[1, 2, 3], [7]];
    const strategy = { type: 'beam', beams: 4 } as const;
    const found = await generator.generate(prompts, { maxNewTokens: 10, strategy });
    for (const [i, { alternatives, score }] of found.entries()) {
      expect(alternatives).toHaveLength(4);
      expect(score).toBe(Math.max(...alternatives!.map((one) => one.score)));
      // Were a beam decoded with another one's state, its probability would not be that of its own text.
      for (const { tokens, logProbability } of alternatives!) {
        const logits = await fullLogits(model, [...prompts[i], ...tokens]);
        const own = tokens.reduce(
          (sum, token, t) => sum + logSoftmax(logits[prompts[i].length - 1 + t])[token],
          0,
        );
        expect(logProbability).toBeCloseTo(own, 2);
      }
    }
    await generator.dispose();
  });
});

it('sampling is reproduced by its seed, whatever the batches', async () => {
  const generator = new Generator(device, models.gpt());
  const prompts = [[1], [2, 3], [4]];
  const sample = async (seed: number, batchSize?: number) => {
    const strategy = { type: 'sample', seed, topK: 8, topP: 0.95, temperature: 0.9 } as const;
    const found = await generator.generate(prompts, { maxNewTokens: 15, batchSize, strategy });
    return found.map(({ tokens }) => tokens);
  };
  const first = await sample(3);
  expect(await sample(3)).toEqual(first);
  expect(await sample(3, 2)).toEqual(first);
  expect(await sample(4)).not.toEqual(first);
  // Calls at the same time do not mix.
  expect(await Promise.all([sample(3), sample(4), sample(3, 2)])).toEqual([first, await sample(4), first]);
  await generator.dispose();
});

it('ends at the end token, tells of each token, and stops when asked to', async () => {
  const generator = new Generator(device, models.lstm());
  const [whole] = await generator.generate([[1]], { maxNewTokens: 20 });
  const endToken = whole.tokens[5];
  const told: number[] = [];
  const [ended] = await generator.generate([[1]], {
    maxNewTokens: 20,
    endToken,
    onToken: (token) => told.push(token),
  });
  expect(ended.ended).toBe(true);
  expect(ended.tokens).toEqual(whole.tokens.slice(0, whole.tokens.indexOf(endToken)));
  expect(told).toEqual(ended.tokens);
  const stop = new AbortController();
  const [short] = await generator.generate([[1]], {
    maxNewTokens: 20,
    onToken: () => stop.abort(),
    signal: stop.signal,
  });
  expect(short.tokens).toEqual(whole.tokens.slice(0, 1));
  await generator.dispose();
});

it('slides on where the positions end', async () => {
  const model = lively(new GPT({ vocabSize: VOCABULARY, blockSize: 8, nLayer: 1, nHead: 2, nEmbd: 16 }));
  const generator = new Generator(device, model);
  const [{ tokens }] = await generator.generate([[1, 2, 3]], { maxNewTokens: 20, onFull: 'slide' });
  expect(tokens).toHaveLength(20);
  const [first] = await generator.generate([[1, 2, 3]], { maxNewTokens: 6 });
  expect(tokens.slice(0, 6)).toEqual(first.tokens);
  // The token after 9 is the first that no longer fits: it follows the last 4 of the 9.
  const [next] = await generator.generate([[1, 2, 3, ...tokens.slice(0, 6)].slice(-4)], { maxNewTokens: 4 });
  expect(tokens.slice(6, 10)).toEqual(next.tokens);
  await generator.dispose();
  // Recurrent networks have no positions that could end.
  const recurrent = new Generator(device, models.gru());
  const endless = await recurrent.generate([[1, 2, 3]], { maxNewTokens: 20, onFull: 'slide' });
  expect(endless).toEqual(await recurrent.generate([[1, 2, 3]], { maxNewTokens: 20 }));
  await recurrent.dispose();
});

it('sees assigned weights at once', async () => {
  const model = models.gru();
  const generator = new Generator(device, model);
  const [before] = await generator.generate([[1]], { maxNewTokens: 8 });
  expect((await generator.generate([[1]], { maxNewTokens: 8 }))[0]).toEqual(before);
  lively(model, 9);
  expect((await generator.generate([[1]], { maxNewTokens: 8 }))[0].tokens).not.toEqual(before.tokens);
  await generator.dispose();
});

describe('seq2seq', () => {
  const make = () => lively(new Seq2Seq({ vocabSize: VOCABULARY, sourceLength: 6, hiddenSize: 8 }));

  it('decodes to the logits of teacher forcing, whatever the lengths of the sources', async () => {
    const model = make();
    const generator = new Generator(device, model);
    const sources = [
      [3, 4, 5, 6, 7, 8],
      [9, 3],
      [5, 5, 5],
    ];
    const prompts = sources.map(() => [1]);
    for (const strategy of ['greedy', { type: 'beam', beams: 3 }] as const) {
      const found = await generator.generate(prompts, { sources, maxNewTokens: 5, strategy, batchSize: 2 });
      for (const [i, { tokens, logProbability }] of found.entries()) {
        const graph = new Graph();
        const logits = model.forward(graph.input('x', [1, 6 + 5]));
        const plan = await compile(device, graph, { outputs: { logits } });
        const source = [...sources[i], 0, 0, 0, 0, 0, 0].slice(0, 6);
        plan.write('x', Float32Array.from([...source, 1, ...tokens.slice(0, -1)]));
        plan.run();
        const all = await plan.read('logits');
        const own = tokens.reduce(
          (sum, token, t) =>
            sum + logSoftmax(all.subarray(t * VOCABULARY, (t + 1) * VOCABULARY) as Float32Array)[token],
          0,
        );
        expect(logProbability).toBeCloseTo(own, 3);
        plan.destroy();
      }
    }
    await generator.dispose();
  });

  it('refuses sources that are missing, empty, too long or out of vocabulary', async () => {
    const generator = new Generator(device, make());
    const run = (sources?: number[][]) => generator.generate([[1]], { sources });
    await expect(run()).rejects.toThrow(/sources is missing; expected 1, one for each prompt/);
    await expect(run([[]])).rejects.toThrow(/source 0 is 0 tokens; expected 1 to 6 tokens/);
    await expect(run([[1, 2, 3, 4, 5, 6, 7]])).rejects.toThrow(/source 0 is 7 tokens/);
    await expect(run([[1, 99]])).rejects.toThrow(/token 1 of source 0 is 99; expected a token from 0 to 10/);
    await expect(run([[1, 0]])).rejects.toThrow(
      /token 1 of source 0 is 0; expected a token that is not padding/,
    );
    await generator.dispose();
  });
});

it('refuses bad prompts and options by name', async () => {
  const generator = new Generator(device, models.gpt());
  const run = (prompts: number[][], options = {}) =>
    generator.generate(prompts, { maxNewTokens: 5, ...options });
  await expect(run([])).rejects.toThrow(/generate: prompts is empty; expected at least one prompt/);
  await expect(run([[1], []])).rejects.toThrow(/prompt 1 is empty; expected at least one token/);
  await expect(run([[1, 11]])).rejects.toThrow(/token 1 of prompt 0 is 11; expected a token from 0 to 10/);
  await expect(run([[1, -1]])).rejects.toThrow(/is -1/);
  await expect(run([randomText(50)], { maxNewTokens: 48 })).rejects.toThrow(
    /prompt 0 is 50 tokens, with 48 to follow; expected at most the 96 positions of the model/,
  );
  await expect(run([randomText(97)], { onFull: 'slide' })).rejects.toThrow(/prompt 0 is 97 tokens/);
  await expect(run([[1]], { maxNewTokens: 0 })).rejects.toThrow(/maxNewTokens is 0/);
  await expect(run([[1]], { endToken: 11 })).rejects.toThrow(/endToken is 11/);
  await expect(run([[1]], { sources: [[1]] })).rejects.toThrow(/sources is 1 sources; expected none/);
  await expect(run([[1]], { strategy: { type: 'beam', beams: 0 } })).rejects.toThrow(/beams is 0/);
  await expect(run([[1]], { strategy: { type: 'sample', topP: 2 } })).rejects.toThrow(/topP is 2/);
  await expect(run([[1]], { strategy: 'beam', onFull: 'slide' })).rejects.toThrow(/onFull is slide/);
  await generator.dispose();
});

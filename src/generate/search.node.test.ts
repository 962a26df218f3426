// Strategies without a GPU: distributions against plain references, beam search against exhaustive search, errors.
import { expect, it } from 'vitest';
import { Random } from '../random';
import type { Hypothesis } from './options';
import { argmax, draw, logSoftmax, samplingDistribution } from './sampling';
import { BeamSearch, type Search, SingleSearch, searchFor } from './search';
import { decodeTags } from './tags';

/** A language model as a function from the tokens so far to logits. */
type Model = (tokens: readonly number[]) => number[];

/** Runs a search as a session would. */
function follow(search: Search, model: Model) {
  let texts: number[][] = [[]];
  for (;;) {
    const next = search.advance((i) => model(texts[i]));
    if (!next) return search.result();
    texts = next.tokens.map((token, i) => [...texts[next.parents[i]], token]);
  }
}

/** A random model over `vocabulary` tokens that depends on the whole text. */
const randomModel =
  (vocabulary: number, seed: number): Model =>
  (tokens) => {
    const random = new Random(seed, tokens.join());
    return Array.from({ length: vocabulary }, () => random.normal(0, 2));
  };

/** Every sequence up to `most` tokens, scored as beam search does. */
function exhaustive(model: Model, vocabulary: number, most: number, end: number, alpha: number): Hypothesis {
  const all: Hypothesis[] = [];
  const visit = (tokens: number[], logProbability: number) => {
    const next = logSoftmax(model(tokens));
    for (let token = 0; token < vocabulary; token++) {
      const total = logProbability + next[token];
      const score = total / ((5 + tokens.length + 1) / 6) ** alpha;
      if (token === end) all.push({ tokens, logProbability: total, score, ended: true });
      else if (tokens.length + 1 === most)
        all.push({ tokens: [...tokens, token], logProbability: total, score, ended: false });
      else visit([...tokens, token], total);
    }
  };
  visit([], 0);
  return all.reduce((best, other) => (other.score > best.score ? other : best));
}

it('enough beams find what exhaustive search finds, with every length penalty', () => {
  for (const lengthPenalty of [0, 0.6, 1.5]) {
    for (let seed = 0; seed < 5; seed++) {
      const model = randomModel(3, seed);
      const options = { maxNewTokens: 4, endToken: 2 };
      const found = follow(new BeamSearch({ type: 'beam', beams: 81, lengthPenalty }, options), model);
      const best = exhaustive(model, 3, 4, 2, lengthPenalty);
      expect(found.tokens).toEqual(best.tokens);
      expect(found.score).toBeCloseTo(best.score, 10);
      expect(found.ended).toBe(best.ended);
    }
  }
});

it('one beam is greedy search', () => {
  for (let seed = 0; seed < 20; seed++) {
    const model = randomModel(4, seed);
    const options = { maxNewTokens: 8, endToken: 0 };
    const beam = follow(new BeamSearch({ type: 'beam', beams: 1, lengthPenalty: 1 }, options), model);
    const greedy = follow(new SingleSearch(argmax, options), model);
    expect(beam.tokens).toEqual(greedy.tokens);
    expect(beam.ended).toBe(greedy.ended);
    expect(beam.logProbability).toBeCloseTo(greedy.logProbability, 10);
  }
});

it('two beams find a better sequence than greedy search where the best start is no good', () => {
  // Token 1 is likelier at first, but only after 0 a token is nearly certain.
  const model: Model = (tokens) => {
    if (tokens.length === 0) return [Math.log(0.4), Math.log(0.6)];
    return tokens[0] === 0 ? [Math.log(0.95), Math.log(0.05)] : [Math.log(0.5), Math.log(0.5)];
  };
  const options = { maxNewTokens: 2 };
  const greedy = follow(new SingleSearch(argmax, options), model);
  const beam = follow(new BeamSearch({ type: 'beam', beams: 2, lengthPenalty: 0 }, options), model);
  expect(greedy.tokens).toEqual([1, 0]);
  expect(beam.tokens).toEqual([0, 0]);
  expect(Math.exp(beam.logProbability)).toBeCloseTo(0.38, 10);
  expect(beam.logProbability).toBeGreaterThan(greedy.logProbability);
  expect(beam.alternatives).toHaveLength(2);
});

it('the length penalty lets longer sequences win', () => {
  // Ending at once has probability 0.5, going on to the end of three tokens 0.45.
  const model: Model = (tokens) =>
    tokens.length === 0 ? [Math.log(0.5), Math.log(0.5)] : [Math.log(0.03), Math.log(0.97)];
  const options = { maxNewTokens: 4, endToken: 0 };
  const tokens = (lengthPenalty: number) =>
    follow(new BeamSearch({ type: 'beam', beams: 4, lengthPenalty }, options), model).tokens;
  expect(tokens(0)).toEqual([]);
  expect(tokens(1)).toEqual([1, 1, 1, 1]);
});

it('a search ends at the end token or after maxNewTokens', () => {
  const model: Model = (tokens) => (tokens.length < 3 ? [0, 5] : [5, 0]);
  const greedy = (options: { maxNewTokens: number; endToken?: number }) =>
    follow(new SingleSearch(argmax, options), model);
  expect(greedy({ maxNewTokens: 9, endToken: 0 })).toMatchObject({ tokens: [1, 1, 1], ended: true });
  expect(greedy({ maxNewTokens: 2, endToken: 0 })).toMatchObject({ tokens: [1, 1], ended: false });
});

it('distributions are those of a plain reference', () => {
  const random = new Random(7);
  for (let round = 0; round < 50; round++) {
    const logits = Array.from({ length: 12 }, () => random.normal(0, 2));
    const temperature = random.uniform(0.3, 2);
    const topK = 1 + random.integer(12);
    const topP = random.uniform(0.05, 1);
    // The reference: softmax, then tokens in order of probability while they are among the k and the mass before
    // them, relative to that of the k, is below p.
    const powers = logits.map((value) => Math.exp(value / temperature));
    const total = powers.reduce((a, b) => a + b);
    const sorted = powers.map((power, token) => ({ p: power / total, token })).sort((a, b) => b.p - a.p);
    const best = sorted.slice(0, topK);
    const mass = best.reduce((sum, { p }) => sum + p, 0);
    let before = 0;
    const kept = best.filter(({ p }) => {
      const stays = before / mass < topP;
      before += p;
      return stays;
    });
    const rest = kept.reduce((sum, { p }) => sum + p, 0);
    const expected = new Array(12).fill(0);
    for (const { p, token } of kept) expected[token] = p / rest;
    const got = samplingDistribution(logits, { temperature, topK, topP });
    expected.forEach((p, token) => {
      expect(got[token]).toBeCloseTo(p, 10);
    });
  }
});

it('draws follow the distribution, and seeds reproduce them', () => {
  const distribution = samplingDistribution([0, 1, 2, -1], { topK: 3 });
  const counts = [0, 0, 0, 0];
  const random = new Random(1);
  const N = 20_000;
  for (let i = 0; i < N; i++) counts[draw(distribution, random)]++;
  expect(counts[3]).toBe(0);
  counts.forEach((count, token) => {
    expect(Math.abs(count / N - distribution[token])).toBeLessThan(0.015);
  });
  const sampled = (seed: number, prompt = 0) =>
    follow(searchFor({ type: 'sample', seed }, { maxNewTokens: 20 })(prompt), randomModel(5, 3)).tokens;
  expect(sampled(4)).toEqual(sampled(4));
  expect(sampled(4)).not.toEqual(sampled(5));
  expect(sampled(4)).not.toEqual(sampled(4, 1));
});

it('scores that are NaN, infinite or all forbidden are refused by every strategy', () => {
  const { NaN: nan, POSITIVE_INFINITY: infinite } = Number;
  for (const [scores, message] of [
    [[0, nan, 1], /scores is NaN for choice 1 of 3; expected numbers below Infinity/],
    [[0, 1, infinite], /scores is Infinity for choice 2 of 3/],
    [[-infinite, -infinite], /scores is -Infinity for every choice/],
  ] as const) {
    for (const type of ['greedy', 'sample', 'beam'] as const) {
      const search = searchFor({ type }, { maxNewTokens: 3 })(0);
      expect(() => search.advance(() => scores)).toThrow(message);
      expect(search.result().tokens).toEqual([]);
    }
    expect(() => samplingDistribution(scores)).toThrow(message);
    expect(() => decodeTags(scores, scores.length)).toThrow(message);
  }
  expect(Array.from(samplingDistribution([-infinite, 3, 1], { temperature: 1e-300 }))).toEqual([0, 1, 0]);
});

it('refuses options out of range', () => {
  const make = (strategy: Parameters<typeof searchFor>[0]) => () => searchFor(strategy, { maxNewTokens: 1 });
  expect(make({ type: 'sample', temperature: 0 })).toThrow(
    /generate: temperature is 0; expected a number above 0/,
  );
  expect(make({ type: 'sample', topK: 0 })).toThrow(/topK is 0; expected a whole number from 1/);
  expect(make({ type: 'sample', topP: 1.2 })).toThrow(
    /topP is 1.2; expected a probability above 0 and at most 1/,
  );
  expect(make({ type: 'sample', topP: 0 })).toThrow(/topP is 0/);
  expect(make({ type: 'beam', beams: 0 })).toThrow(/beams is 0; expected a whole number from 1/);
  expect(make({ type: 'beam', lengthPenalty: Number.NaN })).toThrow(/lengthPenalty is NaN/);
  expect(make('best' as never)).toThrow(/strategy is "best"; expected one of greedy, sample, beam/);
});

it('labels: greedy without transitions, the best of all sequences with them', () => {
  const random = new Random(11);
  for (let round = 0; round < 20; round++) {
    const [T, labels] = [5, 3];
    const scores = Array.from({ length: T * labels }, () => random.normal(0, 1.5));
    const rows = Array.from({ length: T }, (_, t) => logSoftmax(scores.slice(t * labels, (t + 1) * labels)));
    expect(decodeTags(scores, labels).labels).toEqual(rows.map(argmax));
    const transitions = Array.from({ length: labels }, () =>
      Array.from({ length: labels }, () =>
        random.uniform() < 0.2 ? Number.NEGATIVE_INFINITY : random.normal(),
      ),
    );
    let best = { labels: [] as number[], score: Number.NEGATIVE_INFINITY };
    for (let code = 0; code < labels ** T; code++) {
      const sequence = Array.from({ length: T }, (_, t) => Math.floor(code / labels ** t) % labels);
      const score = sequence.reduce(
        (sum, label, t) => sum + rows[t][label] + (t > 0 ? transitions[sequence[t - 1]][label] : 0),
        0,
      );
      if (score > best.score) best = { labels: sequence, score };
    }
    const found = decodeTags(scores, labels, { transitions });
    expect(found.score).toBeCloseTo(best.score, 10);
    if (best.score > Number.NEGATIVE_INFINITY) expect(found.labels).toEqual(best.labels);
    const wide = decodeTags(scores, labels, { transitions, beams: labels ** T });
    expect(wide.score).toBeCloseTo(best.score, 10);
    const narrow = decodeTags(scores, labels, { transitions, beams: 1 });
    expect(narrow.score).toBeLessThanOrEqual(best.score + 1e-9);
  }
});

it('labels: bad arguments are refused', () => {
  expect(() => decodeTags([1, 2, 3], 2)).toThrow(
    /decodeTags: scores is 3 values; expected one or more rows of 2/,
  );
  expect(() => decodeTags([], 2)).toThrow(/0 values/);
  expect(() => decodeTags([1, 2], 2, { transitions: [[0, 0]] })).toThrow(
    /1 rows; expected 2 rows of 2 scores/,
  );
  expect(() => decodeTags([1, 2], 2, { beams: 0 })).toThrow(/beams is 0/);
  expect(() =>
    decodeTags([1, 2], 2, {
      transitions: [
        [0, Number.NaN],
        [0, 0],
      ],
    }),
  ).toThrow(/transitions is NaN/);
});

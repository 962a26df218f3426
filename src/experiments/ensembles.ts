/**
 * Ensembles whose members are trained one after the other: bagging and boosting. Members that are trained together, and stacking,
 * are an `Ensemble` in a trainer.
 * Source: Breiman, "Bagging Predictors", 1996; Zhu et al., "Multi-class AdaBoost", 2009 (SAMME); Friedman, "Greedy Function
 * Approximation: A Gradient Boosting Machine", 2001.
 */
import { checkCount, checkOptions, checkSeed } from '../checks';
import { ArrayDataset } from '../data/dataset';
import { GradloomError, showValue } from '../errors';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import { Ensemble, type EnsembleOptions } from '../models/ensemble';
import { Module } from '../nn/module';
import { add, argmax, mul, oneHot } from '../ops';
import { Random } from '../random';
import { Trainer } from '../train/trainer';
import type { FitOptions, TrainerOptions } from '../train/types';

export interface MemberOptions {
  /** How many members. */
  members: number;
  trainer: TrainerOptions;
  fit?: FitOptions;
  /** Of the samples that members draw; member i has the seed of the trainer plus i for its initial values. Default 0. */
  seed?: number;
}

export interface BaggingOptions extends MemberOptions {
  /** How the members answer together. Default: `softVoting` of class scores, else `average`. */
  combine?: Exclude<EnsembleOptions['combine'], 'stacking'>;
  /** Samples that each member draws, with replacement, as a share of the data. Default 1. */
  sampleFraction?: number;
}

const COMMON = ['members', 'trainer', 'fit', 'seed'];

/**
 * Bagging: members that each learn from a bootstrap sample of the data, whose answers are averaged or which vote.
 * @param makeModel makes an untrained member.
 * @throws GradloomError `argument` for options that are none.
 */
export async function trainBagging(
  device: Device,
  makeModel: (member: number) => Module,
  data: ArrayDataset,
  options: BaggingOptions,
): Promise<Ensemble> {
  const op = 'trainBagging';
  checkMembers(op, makeModel, data, options, [...COMMON, 'combine', 'sampleFraction']);
  const { members, seed = 0, sampleFraction = 1 } = options;
  const combine = options.combine ?? (data.classCount === undefined ? 'average' : 'softVoting');
  const size = Math.round(sampleFraction * data.length);
  if (!(size >= 1 && Number.isFinite(sampleFraction))) {
    const [got, expected] = [showValue(sampleFraction), 'a share above 0 that is at least one sample'];
    throw new GradloomError({ code: 'argument', op, argument: 'sampleFraction', got, expected });
  }
  const models: Module[] = [];
  for (let member = 0; member < members; member++) {
    const random = new Random(seed, `bagging.${member}`);
    const sample = Int32Array.from({ length: size }, () => random.integer(data.length));
    models.push(await trainMember(device, makeModel(member), data.subset(sample), options, member));
  }
  return new Ensemble(models, { combine });
}

/** Members whose outputs are weighed and added. */
export class BoostedEnsemble extends Module {
  constructor(
    readonly members: readonly Module[],
    readonly memberWeights: readonly number[],
    /** Whether members vote for a class instead of adding up what they give. */
    private readonly votes: boolean,
    private readonly base = 0,
  ) {
    super();
  }

  /** Scores of classes, or the sum of the outputs. */
  override forward(x: Tensor): Tensor {
    const terms = this.members.map((member, i) => {
      const output: Tensor = member.forward(x);
      const answer = this.votes
        ? oneHot(argmax(output, { dim: 1 }), { numClasses: output.shape[1] })
        : output;
      return mul(answer, this.memberWeights[i]);
    });
    const sum = terms.reduce((a, b) => add(a, b));
    return this.base === 0 ? sum : add(sum, this.base);
  }
}

export interface BoostingOptions extends MemberOptions {
  /** Factor on each member's part. Default 1 for classes, 0.5 for numbers. */
  learningRate?: number;
}

/**
 * Boosting. Classes: AdaBoost in its form for several classes (SAMME), in which each member draws its samples by weights that grow
 * where those before were wrong; ends early when a member makes no mistake, or is no better than chance. Numbers: gradient
 * boosting of the squared error, in which each member learns what those before leave.
 * @throws GradloomError `argument` for options that are none, and where the first member is no better than chance.
 */
export async function trainBoosting(
  device: Device,
  makeModel: (member: number) => Module,
  data: ArrayDataset,
  options: BoostingOptions,
): Promise<BoostedEnsemble> {
  checkMembers('trainBoosting', makeModel, data, options, [...COMMON, 'learningRate']);
  const { learningRate } = options;
  if (learningRate !== undefined && !(learningRate > 0 && Number.isFinite(learningRate))) {
    const [got, expected] = [showValue(learningRate), 'a number above 0'];
    throw new GradloomError({
      code: 'argument',
      op: 'trainBoosting',
      argument: 'learningRate',
      got,
      expected,
    });
  }
  return data.classCount === undefined
    ? gradientBoosting(device, makeModel, data, options)
    : adaBoost(device, makeModel, data, options);
}

async function adaBoost(
  device: Device,
  makeModel: (member: number) => Module,
  data: ArrayDataset,
  options: BoostingOptions,
): Promise<BoostedEnsemble> {
  const { members, seed = 0, learningRate = 1 } = options;
  const classes = data.classCount!;
  const weights = new Float64Array(data.length).fill(1 / data.length);
  const models: Module[] = [];
  const votes: number[] = [];
  for (let member = 0; member < members; member++) {
    const sample = drawWeighted(weights, new Random(seed, `boosting.${member}`));
    const model = makeModel(member);
    const wrong = await withMember(device, model, data.subset(sample), options, member, async (trainer) => {
      const { shape, data: scores } = await trainer.predict(data);
      return Uint8Array.from({ length: data.length }, (_, i) => {
        const row = scores.subarray(i * shape[1], (i + 1) * shape[1]);
        return row.indexOf(Math.max(...row)) === data.y[i] ? 0 : 1;
      });
    });
    const error = weights.reduce((sum, weight, i) => sum + weight * wrong[i], 0);
    // No better than chance: what it says is worth nothing.
    if (error >= 1 - 1 / classes) {
      if (models.length > 0) break;
      const [got, expected] = [
        `${(100 * error).toFixed(1)} % wrong answers of the first member`,
        'better than chance',
      ];
      const fix = 'Train members longer, or use larger ones';
      throw new GradloomError({
        code: 'argument',
        op: 'trainBoosting',
        argument: 'makeModel',
        got,
        expected,
        fix,
      });
    }
    models.push(model);
    votes.push(learningRate * (Math.log((1 - error) / Math.max(error, 1e-10)) + Math.log(classes - 1)));
    if (error === 0) break;
    let total = 0;
    wrong.forEach((isWrong, i) => {
      if (isWrong) weights[i] *= Math.exp(votes[member]);
      total += weights[i];
    });
    weights.forEach((weight, i) => {
      weights[i] = weight / total;
    });
  }
  return new BoostedEnsemble(models, votes, true);
}

async function gradientBoosting(
  device: Device,
  makeModel: (member: number) => Module,
  data: ArrayDataset,
  options: BoostingOptions,
): Promise<BoostedEnsemble> {
  const { members, learningRate = 0.5 } = options;
  const targets = Float64Array.from(data.y);
  const base = Math.fround(targets.reduce((a, b) => a + b, 0) / targets.length);
  const residual = targets.map((value) => value - base);
  const models: Module[] = [];
  for (let member = 0; member < members; member++) {
    const { x, xShape, yShape, scale, mean, std } = data;
    const y = Float32Array.from(residual);
    const left = ArrayDataset.fromArrays({ x, y, xShape, yShape, scale, mean, std });
    const model = makeModel(member);
    await withMember(device, model, left, options, member, async (trainer) => {
      const { data: outputs } = await trainer.predict(data);
      outputs.forEach((value, i) => {
        residual[i] -= learningRate * value;
      });
    });
    models.push(model);
  }
  return new BoostedEnsemble(
    models,
    models.map(() => learningRate),
    false,
    base,
  );
}

/** As many indices as there are weights, with these probabilities, in the order of the data. */
function drawWeighted(weights: Float64Array, random: Random): Int32Array {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  weights.forEach((weight, i) => {
    sums[i] = sum += weight;
  });
  const places = Float64Array.from(weights, () => random.uniform() * sum).sort();
  let at = 0;
  return Int32Array.from(places, (place) => {
    while (at < sums.length - 1 && sums[at] < place) at++;
    return at;
  });
}

async function trainMember(
  device: Device,
  model: Module,
  data: ArrayDataset,
  options: MemberOptions,
  member: number,
): Promise<Module> {
  await withMember(device, model, data, options, member, async () => {});
  return model;
}

/** Trains a member and has its trainer used before it is disposed of. */
async function withMember<T>(
  device: Device,
  model: Module,
  data: ArrayDataset,
  { trainer: options, fit }: MemberOptions,
  member: number,
  use: (trainer: Trainer) => Promise<T>,
): Promise<T> {
  const trainer = new Trainer(device, model, { ...options, seed: (options.seed ?? 0) + member });
  try {
    await trainer.fit(data, fit);
    return await use(trainer);
  } finally {
    await trainer.dispose();
  }
}

function checkMembers(
  op: string,
  makeModel: unknown,
  data: unknown,
  options: MemberOptions,
  known: string[],
): void {
  const refuse = (argument: string, got: unknown, expected: string) =>
    new GradloomError({ code: 'argument', op, argument, got: showValue(got), expected });
  if (typeof makeModel !== 'function') throw refuse('makeModel', makeModel, 'a function that makes a model');
  if (!(data instanceof ArrayDataset)) throw refuse('data', data, 'an ArrayDataset');
  checkOptions(op, options ?? null, known);
  checkCount(op, 'members', options.members);
  checkSeed(op, options.seed ?? 0);
}

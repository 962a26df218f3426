/** Reductions, ordering, products and normalizations as PyTorch's functions. */
import {
  at,
  functionCall,
  keyword,
  Level,
  literal,
  named,
  type PythonCall,
  type Rule,
  type Rules,
  value,
} from './call';

/** `dim` and `keepdim` where they are given. */
const over = (c: PythonCall): (string | undefined)[] => {
  const dim = c.attr<number | number[] | null | undefined>('dim');
  return [
    dim === null || dim === undefined ? undefined : `dim=${literal(dim)}`,
    keyword(c, 'keepdim', false),
  ];
};

const joined = (name: string, args: readonly (string | undefined | false)[]) =>
  `${name}(${args.filter(Boolean).join(', ')})`;

/** Functions that reduce all dims unless `dim` says which. */
const reduction =
  (name: string, needsDim = false): Rule =>
  (c) => {
    const [dim, keepdim] = over(c);
    const all = needsDim || keepdim ? `dim=${literal(c.shape('x').map((_, i) => i))}` : undefined;
    const sum = joined(name, [c.x('x'), dim ?? all, keepdim]);
    return c.outputType('y') === 'i32' ? `${sum}.long()` : sum;
  };

/** Functions of one dim, applied to several from the last. */
const oneByOne =
  (name: string): Rule =>
  (c) => {
    const dim = c.attr<number | number[] | null | undefined>('dim');
    const rank = c.tensorOf('x').rank;
    const keepdim = keyword(c, 'keepdim', false);
    if ((dim === null || dim === undefined) && !keepdim) return `${c.x('x', Level.Atom, 'mask')}.${name}()`;
    const dims = (dim === null || dim === undefined ? c.shape('x').map((_, i) => i) : [dim].flat())
      .map((d) => (d + rank) % rank)
      .sort((a, b) => b - a);
    return dims.reduce(
      (text, d) => joined(`${text}.${name}`, [String(d), keepdim]),
      c.x('x', Level.Atom, 'mask'),
    );
  };

/** values and indices, or with no dim the value alone. */
const extremum =
  (name: string): Rule =>
  (c) => {
    const [dim, keepdim] = over(c);
    if (!dim) return `${name}(${c.x('x')})`;
    return { text: joined(name, [c.x('x'), dim, keepdim]), outputs: ['values', 'indices'] };
  };

const pair =
  (name: string, ...outputs: string[]): Rule =>
  (c) => ({ text: functionCall(c, name), outputs });

const moments = (c: PythonCall): (string | undefined)[] => {
  const unbiased = c.attr<boolean | undefined>('unbiased');
  const correction = unbiased === undefined ? (c.attr<number>('correction') ?? 1) : Number(unbiased);
  const [dim, keepdim] = over(c);
  return [
    c.x('x'),
    dim ?? `dim=${literal(c.shape('x').map((_, i) => i))}`,
    `correction=${correction}`,
    keepdim,
  ];
};

const scan =
  (name: string): Rule =>
  (c) =>
    `${name}(${c.x('x')}, dim=${value(c, 'dim')})`;

const running =
  (name: string): Rule =>
  (c) => ({ text: `${name}(${c.x('x')}, dim=${value(c, 'dim')})`, outputs: ['values', 'indices'] });

const indexOf =
  (name: string): Rule =>
  (c) =>
    joined(name, [c.x('x'), ...over(c)]);

/** x other, either transposed first. */
function matmul(c: PythonCall) {
  const turned = (name: string, wanted: unknown) => {
    if (!wanted || c.tensorOf(name).rank < 2) return c.x(name, Level.Product);
    return `${c.x(name, Level.Atom)}.transpose(-2, -1)`;
  };
  const other = turned('other', c.attr('transposeB'));
  return at(
    Level.Product,
    `${turned('x', c.attr('transposeA'))} @ ${/[ ]/.test(other) && !/[([]/.test(other) ? `(${other})` : other}`,
  );
}

const affine = (c: PythonCall) => ['weight', 'bias'].map((name) => c.has(name) && `${name}=${c.x(name)}`);

/** Functions with running statistics, which they update in training. */
function batchNorm(c: PythonCall): string {
  const training = c.attr<boolean | undefined>('training') ?? c.training;
  const statistics = c.has('runningMean') ? [c.x('runningMean'), c.x('runningVar')] : ['None', 'None'];
  const mode = c.has('runningMean') ? 'self.training' : literal(training);
  const more = [keyword(c, 'momentum', 0.1), keyword(c, 'eps', 1e-5)];
  return joined('F.batch_norm', [c.x('x'), ...statistics, ...affine(c), `training=${mode}`, ...more]);
}

function instanceNorm(c: PythonCall): string {
  const statistics = ['runningMean', 'runningVar'].map(
    (name) => c.has(name) && `${name === 'runningMean' ? 'running_mean' : 'running_var'}=${c.x(name)}`,
  );
  const more = [keyword(c, 'useInputStats', true), keyword(c, 'momentum', 0.1), keyword(c, 'eps', 1e-5)];
  return joined('F.instance_norm', [c.x('x'), ...statistics, ...affine(c), ...more]);
}

const order = (c: PythonCall, name: string) =>
  c.attr(name) === 2 ? undefined : `${name}=${literal(c.attr(name))}`;

export const reductionRules: Rules = {
  sum: reduction('torch.sum'),
  mean: reduction('torch.mean'),
  nansum: reduction('torch.nansum'),
  nanmean: reduction('torch.nanmean'),
  amax: reduction('torch.amax'),
  amin: reduction('torch.amin'),
  logsumexp: reduction('torch.logsumexp', true),
  prod: (c) => joined('torch.prod', [c.x('x'), ...over(c)]),
  countNonzero: (c) => joined('torch.count_nonzero', [c.x('x'), over(c)[0]]),
  norm: (c) =>
    joined('torch.linalg.vector_norm', [
      c.x('x'),
      c.attr('p') !== 2 && `ord=${literal(c.attr('p'))}`,
      ...over(c),
    ]),
  var: (c) => joined('torch.var', moments(c)),
  std: (c) => joined('torch.std', moments(c)),
  varMean: (c) => ({ text: joined('torch.var_mean', moments(c)), outputs: ['var', 'mean'] }),
  stdMean: (c) => ({ text: joined('torch.std_mean', moments(c)), outputs: ['std', 'mean'] }),
  all: oneByOne('all'),
  any: oneByOne('any'),
  max: extremum('torch.max'),
  min: extremum('torch.min'),
  median: extremum('torch.median'),
  aminmax: (c) => {
    const args = [c.x('x'), ...over(c)];
    return {
      text: `(${joined('torch.amin', args)}, ${joined('torch.amax', args)})`,
      outputs: ['min', 'max'],
    };
  },
  argmax: indexOf('torch.argmax'),
  argmin: indexOf('torch.argmin'),
  argsort: (c) =>
    joined('torch.argsort', [
      c.x('x'),
      `dim=${literal(c.attr('dim') ?? -1)}`,
      keyword(c, 'descending', false),
      'stable=True',
    ]),
  sort: (c) => ({
    text: joined('torch.sort', [
      c.x('x'),
      `dim=${literal(c.attr('dim') ?? -1)}`,
      keyword(c, 'descending', false),
      'stable=True',
    ]),
    outputs: ['values', 'indices'],
  }),
  topk: pair('torch.topk', 'values', 'indices'),
  kthvalue: pair('torch.kthvalue', 'values', 'indices'),
  quantile: (c) =>
    `torch.quantile(${[c.x('x'), `torch.tensor(${value(c, 'q')}, device=${c.x('x', Level.Atom)}.device)`, ...over(c), keyword(c, 'interpolation', 'linear')].filter(Boolean).join(', ')})`,
  cumsum: scan('torch.cumsum'),
  cumprod: scan('torch.cumprod'),
  logcumsumexp: scan('torch.logcumsumexp'),
  cummax: running('torch.cummax'),
  cummin: running('torch.cummin'),
  diff: (c) => functionCall(c, 'torch.diff'),
  matmul,
  ...named('torch', 'bmm mm mv outer inner dot kron'),
  addmm: (c) => functionCall(c, 'torch.addmm'),
  baddbmm: (c) => functionCall(c, 'torch.baddbmm'),
  tensordot: (c) => `torch.tensordot(${c.x('a')}, ${c.x('b')}, dims=${value(c, 'dims')})`,
  cross: (c) => `torch.cross(${c.x('x')}, ${c.x('other')}, dim=${value(c, 'dim')})`,
  cdist: (c) => joined('torch.cdist', [c.x('x1'), c.x('x2'), order(c, 'p')]),
  einsum: (c) => `torch.einsum(${value(c, 'equation')}, ${c.list('tensors').join(', ')})`,
  linear: (c) => joined('F.linear', [c.x('x'), c.x('weight'), c.has('bias') && c.x('bias')]),
  bilinear: (c) => joined('F.bilinear', [c.x('x1'), c.x('x2'), c.x('weight'), c.has('bias') && c.x('bias')]),
  batchNorm,
  instanceNorm,
  layerNorm: (c) =>
    joined('F.layer_norm', [
      c.x('x'),
      literal(c.attr('normalizedShape')),
      ...affine(c),
      keyword(c, 'eps', 1e-5),
    ]),
  groupNorm: (c) =>
    joined('F.group_norm', [c.x('x'), value(c, 'numGroups'), ...affine(c), keyword(c, 'eps', 1e-5)]),
  rmsNorm: (c) =>
    joined(c.helper('rms_norm'), [
      c.x('x'),
      literal(c.attr('normalizedShape')),
      c.has('weight') && `weight=${c.x('weight')}`,
      keyword(c, 'eps', null),
    ]),
  normalize: (c) =>
    joined('F.normalize', [
      c.x('x'),
      c.attr('p') !== 2 && `p=${literal(c.attr('p'))}`,
      keyword(c, 'dim', 1),
      keyword(c, 'eps', 1e-12),
    ]),
  cosineSimilarity: (c) =>
    joined('F.cosine_similarity', [c.x('x1'), c.x('x2'), keyword(c, 'dim', 1), keyword(c, 'eps', 1e-8)]),
  pairwiseDistance: (c) =>
    joined('F.pairwise_distance', [
      c.x('x1'),
      c.x('x2'),
      order(c, 'p'),
      keyword(c, 'eps', 1e-6),
      keyword(c, 'keepdim', false),
    ]),
  localResponseNorm: (c) =>
    joined('F.local_response_norm', [
      c.x('x'),
      value(c, 'size'),
      keyword(c, 'alpha', 1e-4),
      keyword(c, 'beta', 0.75),
      keyword(c, 'k', 1),
    ]),
};

/** Ops that move values, and indexing, as PyTorch's functions. */
import { keyword, Level, literal, method, type PythonCall, type Rule, type Rules, value } from './call';

/** Outputs y0, y1, ... */
const several = (text: string, call: PythonCall, count: number) => ({
  text,
  outputs: Array.from({ length: count }, (_, i) => `y${i}`).filter(
    (name) => call.outputType(name) !== undefined,
  ),
});

/** A function of parts, which come as a list. */
const parts =
  (text: (call: PythonCall) => string): Rule =>
  (call) =>
    several(text(call), call, 4096);

const ofList =
  (name: string, isSpread = false): Rule =>
  (c) => {
    const list = c.list('tensors').join(', ');
    return `${name}(${isSpread ? list : `[${list}]`})`;
  };

/** A selection x[..., a:b:c]. */
function slice(c: PythonCall): string {
  const dims = [c.attr<number | number[]>('dim') ?? 0].flat();
  const rank = c.tensorOf('x').rank;
  const pick = (name: string, i: number) => {
    const given = c.attr<unknown>(name);
    return Array.isArray(given) ? given[i] : given;
  };
  const selection = Array.from({ length: rank }, () => ':');
  dims.forEach((dim, i) => {
    const text = (name: string, standard: unknown) => {
      const given = pick(name, i);
      return given === null || given === undefined || given === standard ? '' : literal(given);
    };
    const [start, end, step] = [text('start', 0), text('end', null), text('step', 1)];
    selection[(dim + rank) % rank] = `${start}:${end}${step && `:${step}`}`;
  });
  while (selection.at(-1) === ':' && selection.length > 1) selection.pop();
  return `${c.x('x', Level.Atom, 'mask')}[${selection.join(', ')}]`;
}

const reduced = (c: PythonCall, name: string) => {
  const src = c.has('src') ? 'src' : 'source';
  const self = keyword(c, 'includeSelf', true);
  const args = [
    c.x('x'),
    literal(c.attr('dim')),
    c.x('index'),
    usedPart(c, src),
    literal(c.attr('reduce')),
    self,
  ];
  return `${name}(${args.filter(Boolean).join(', ')})`;
};

/** The part of a source that is as large as the index. */
function usedPart(c: PythonCall, src: string): string {
  const [from, to] = [c.tensorOf(src).shape, c.tensorOf('index').shape];
  if (from.join() === to.join() || src === 'source') return c.x(src);
  return `${c.x(src, Level.Atom)}[${c
    .shape('index')
    .map((size) => `:${literal(size)}`)
    .join(', ')}]`;
}

export const layoutRules: Rules = {
  reshape: (c) => method(c, 'reshape', ...c.outputShape('y').map((size) => literal(size))),
  flatten: (c) => {
    const [start, end] = [c.attr<number>('startDim'), c.attr<number>('endDim')];
    return method(c, 'flatten', (start !== 0 || end !== -1) && literal(start), end !== -1 && literal(end));
  },
  unflatten: (c) => method(c, 'reshape', ...c.outputShape('y').map((size) => literal(size))),
  permute: (c) => method(c, 'permute', ...c.attr<number[]>('dims').map((dim) => literal(dim))),
  transpose: (c) => method(c, 'transpose', value(c, 'dim0'), value(c, 'dim1')),
  t: (c) => method(c, 't'),
  squeeze: (c) => {
    const dim = c.attr<number | number[] | null | undefined>('dim');
    if (typeof dim === 'number') return method(c, 'squeeze', literal(dim));
    return method(
      c,
      'reshape',
      ...(c.outputShape('y').length === 0 ? ['()'] : c.outputShape('y').map((n) => literal(n))),
    );
  },
  unsqueeze: (c) => method(c, 'unsqueeze', value(c, 'dim')),
  movedim: (c) => method(c, 'movedim', literal(c.attr('source')), literal(c.attr('destination'))),
  cat: (c) => `torch.cat([${c.list('tensors').join(', ')}], dim=${value(c, 'dim')})`,
  stack: (c) => `torch.stack([${c.list('tensors').join(', ')}], dim=${value(c, 'dim')})`,
  split: parts((c) => method(c, 'split', value(c, 'splitSizeOrSections'), `dim=${value(c, 'dim')}`)),
  chunk: parts((c) => method(c, 'chunk', value(c, 'chunks'), `dim=${value(c, 'dim')}`)),
  unbind: parts((c) => method(c, 'unbind', value(c, 'dim'))),
  tensorSplit: parts(
    (c) =>
      `torch.tensor_split(${c.x('x', undefined, 'mask')}, ${literal(c.attr('indicesOrSections'))}, dim=${value(c, 'dim')})`,
  ),
  meshgrid: parts((c) => `torch.meshgrid(${c.list('tensors').join(', ')}, indexing=${value(c, 'indexing')})`),
  hstack: ofList('torch.hstack'),
  vstack: ofList('torch.vstack'),
  dstack: ofList('torch.dstack'),
  columnStack: ofList('torch.column_stack'),
  cartesianProd: ofList('torch.cartesian_prod', true),
  blockDiag: ofList('torch.block_diag', true),
  narrow: (c) => method(c, 'narrow', value(c, 'dim'), value(c, 'start'), value(c, 'length')),
  select: (c) => method(c, 'select', value(c, 'dim'), value(c, 'index')),
  slice,
  pad: (c) => {
    const mode = c.attr<string>('mode');
    const more = mode === 'constant' ? keyword(c, 'value', 0) : `mode=${literal(mode)}`;
    return `F.pad(${[c.x('x'), literal(c.attr('pad')), more].filter(Boolean).join(', ')})`;
  },
  expand: (c) => method(c, 'expand', ...c.outputShape('y').map((size) => literal(size))),
  tile: (c) => `torch.tile(${c.x('x', undefined, 'mask')}, ${literal([c.attr('dims')].flat())})`,
  repeat: (c) => method(c, 'repeat', ...[c.attr<number[]>('sizes')].flat().map((n) => literal(n))),
  repeatInterleave: (c) => {
    const repeats = c.attr('repeats');
    const counts =
      typeof repeats === 'number'
        ? literal(repeats)
        : `torch.tensor(${literal(repeats, '[]')}, device=${c.x('x', Level.Atom)}.device)`;
    return `torch.repeat_interleave(${[c.x('x', undefined, 'mask'), counts, keyword(c, 'dim', null)].filter(Boolean).join(', ')})`;
  },
  flip: (c) => `torch.flip(${c.x('x', undefined, 'mask')}, ${literal([c.attr('dims')].flat())})`,
  roll: (c) =>
    `torch.roll(${[c.x('x', undefined, 'mask'), literal(c.attr('shifts')), literal(c.attr('dims'))].filter((t) => t !== 'None').join(', ')})`,
  rot90: (c) => `torch.rot90(${c.x('x', undefined, 'mask')}, ${value(c, 'k')}, ${value(c, 'dims')})`,
  diagonal: (c) =>
    `torch.diagonal(${[c.x('x'), value(c, 'offset'), value(c, 'dim1'), value(c, 'dim2')].join(', ')})`,
  diag: (c) => `torch.diag(${c.x('x')}, ${value(c, 'diagonal')})`,
  diagEmbed: (c) =>
    `torch.diag_embed(${[c.x('x'), value(c, 'offset'), value(c, 'dim1'), value(c, 'dim2')].join(', ')})`,
  triu: (c) => `torch.triu(${c.x('x')}, ${value(c, 'diagonal')})`,
  tril: (c) => `torch.tril(${c.x('x')}, ${value(c, 'diagonal')})`,
  trace: (c) => `torch.trace(${c.x('x')})`,
  channelShuffle: (c) =>
    `${c.x('x', Level.Atom)}.unflatten(1, (${value(c, 'groups')}, -1)).transpose(1, 2).flatten(1, 2)`,
  gather: (c) => `torch.gather(${c.x('x')}, ${value(c, 'dim')}, ${c.x('index')})`,
  take: (c) => `torch.take(${c.x('x')}, ${c.x('index')})`,
  takeAlongDim: (c) => `torch.take_along_dim(${c.x('x')}, ${c.x('index')}, ${value(c, 'dim')})`,
  indexSelect: (c) => `torch.index_select(${c.x('x')}, ${value(c, 'dim')}, ${c.x('index')})`,
  indexAdd: (c) =>
    `torch.index_add(${[c.x('x'), value(c, 'dim'), c.x('index'), c.x('source'), keyword(c, 'alpha', 1)].filter(Boolean).join(', ')})`,
  indexCopy: (c) => `torch.index_copy(${c.x('x')}, ${value(c, 'dim')}, ${c.x('index')}, ${c.x('source')})`,
  indexFill: (c) =>
    `torch.index_fill(${c.x('x')}, ${value(c, 'dim')}, ${c.x('index')}, ${value(c, 'value')})`,
  maskedFill: (c) =>
    method(
      c,
      'masked_fill',
      c.tensorOf('mask').dtype === 'bool' ? c.x('mask', undefined, 'mask') : `${c.x('mask', Level.Sum)} != 0`,
      value(c, 'value'),
    ),
  oneHot: (c) => {
    const hot = `F.one_hot(${c.x('x')}, ${value(c, 'numClasses')})`;
    return c.outputType('y') === 'f32' ? `${hot}.float()` : hot;
  },
  scatter: (c) => {
    const args = `${c.x('x')}, ${value(c, 'dim')}, ${c.x('index')}`;
    if (!c.has('src')) return `torch.scatter(${args}, ${value(c, 'value')})`;
    const reduce = c.attr('reduce');
    const name = reduce === 'add' ? 'scatter_add' : 'scatter';
    const more = reduce && reduce !== 'add' ? `, reduce=${literal(reduce)}` : '';
    return `torch.${name}(${args}, ${usedPart(c, 'src')}${more})`;
  },
  scatterAdd: (c) =>
    `torch.scatter_add(${c.x('x')}, ${value(c, 'dim')}, ${c.x('index')}, ${usedPart(c, 'src')})`,
  scatterReduce: (c) => reduced(c, 'torch.scatter_reduce'),
  indexReduce: (c) => reduced(c, 'torch.index_reduce'),
  gatherNd: (c) =>
    `${c.helper('gather_nd')}(${c.x('x')}, ${c.x('index')}, ${literal(c.attr('batchDims') ?? 0)})`,
  scatterNd: (c) =>
    `${c.helper('scatter_nd')}(${c.x('x')}, ${c.x('index')}, ${c.x('updates')}, ${literal(c.attr('reduction') ?? 'none')})`,
  bucketize: (c) =>
    `torch.bucketize(${[c.x('x'), c.x('boundaries'), keyword(c, 'right', false)].filter(Boolean).join(', ')})`,
  searchsorted: (c) =>
    `torch.searchsorted(${[c.x('sortedSequence'), c.x('x'), keyword(c, 'right', false)].filter(Boolean).join(', ')})`,
  embedding: (c) => {
    const keywords = ['paddingIdx', 'maxNorm'].map((name) => keyword(c, name, null));
    const more = [keyword(c, 'normType', 2), keyword(c, 'scaleGradByFreq', false)];
    return `F.embedding(${[c.x('x'), c.x('weight'), ...keywords, ...more].filter(Boolean).join(', ')})`;
  },
  embeddingBag: (c) => {
    const inputs = ['offsets', 'perSampleWeights'].map(
      (name) => c.has(name) && `${name === 'offsets' ? name : 'per_sample_weights'}=${c.x(name)}`,
    );
    const more = [
      keyword(c, 'mode', 'mean'),
      keyword(c, 'paddingIdx', null),
      keyword(c, 'maxNorm', null),
      keyword(c, 'normType', 2),
      keyword(c, 'scaleGradByFreq', false),
      keyword(c, 'includeLastOffset', false),
    ];
    return `F.embedding_bag(${[c.x('x'), c.x('weight'), ...inputs, ...more].filter(Boolean).join(', ')})`;
  },
  assign: (c) => ({ statement: `${c.x('state')}.data.copy_(${c.x('value')})` }),
};

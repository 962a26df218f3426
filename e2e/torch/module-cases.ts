/** Nets that together hold every module of `nn`, custom modules among them. */
import type { Tensor } from '../../src/graph/ir/graph';
import { Graph } from '../../src/graph/ir/graph';
import * as nn from '../../src/nn';
import { Module } from '../../src/nn/module';
import * as ops from '../../src/ops';
import { type Case, floats, numbers, tokens } from './cases';

/** A factor per value of a sample, the body, and a linear layer to three scores: everything between learns. */
class Net extends Module {
  readonly scale: ReturnType<typeof nn.parameter>;
  readonly head: nn.Linear;
  readonly body: Module;

  constructor(shape: readonly number[], body: Module) {
    super();
    this.scale = nn.parameter(shape, nn.init.uniform(0.8, 1.2));
    this.body = body;
    const graph = new Graph({ training: true });
    const { size } = body.forward(graph.input('x', [2, ...shape]));
    this.head = new nn.Linear(size / 2, 3);
  }

  override forward(x: Tensor): Tensor {
    const y = this.body.forward(ops.mul(x, this.scale));
    return this.head.forward(ops.flatten(y, { startDim: 1 }));
  }
}

/** A module of a function. */
export class Of extends Module {
  readonly parts: Record<string, Module>;
  readonly #run: (x: Tensor, parts: any) => Tensor;

  constructor(parts: Record<string, Module>, run: (x: Tensor, parts: any) => Tensor) {
    super();
    this.parts = parts;
    this.#run = run;
  }

  override forward(x: Tensor): Tensor {
    return this.#run(x, this.parts);
  }
}

export const net = (shape: readonly number[], body: () => Module, options?: Case['options']): Case => ({
  model: () => new Net(shape, body()),
  data: floats(shape),
  options: { optimizer: { type: 'sgd', lr: 0.02, momentum: 0.9 }, ...options },
});
export const side = (...branches: Module[]) =>
  new nn.Concat(branches.map((branch) => new nn.Sequential(branch, new nn.Flatten())));
const withoutDropout = { dropout: 0, dimFeedforward: 6 };

export const moduleCases: Record<string, Case> = {
  activations: net([6], () =>
    side(
      ...[
        new nn.ReLU(),
        new nn.LeakyReLU(0.1),
        new nn.ELU(1.2),
        new nn.SELU(),
        new nn.CELU(0.8),
        new nn.GELU(),
      ],
      ...[
        new nn.GELU({ approximate: 'tanh' }),
        new nn.SiLU(),
        new nn.Mish(),
        new nn.Softplus(2, 15),
        new nn.Softsign(),
      ],
      ...[
        new nn.Hardsigmoid(),
        new nn.Hardsigmoid({ alpha: 0.2, beta: 0.5 }),
        new nn.Hardswish(),
        new nn.Hardtanh(-0.5, 0.7),
      ],
      ...[
        new nn.ReLU6(),
        new nn.Sigmoid(),
        new nn.Tanh(),
        new nn.LogSigmoid(),
        new nn.Tanhshrink(),
        new nn.Softshrink(0.2),
      ],
      ...[
        new nn.Hardshrink(0.3),
        new nn.Threshold(0.1, 0.2),
        new nn.GLU(-1),
        new nn.SwiGLU(-1),
        new nn.Softmax(1),
      ],
      ...[
        new nn.Softmin(1),
        new nn.LogSoftmax(1),
        new nn.PReLU(6),
        new nn.PReLU(),
        new nn.Identity(),
        new nn.Linear(6, 4),
      ],
      new nn.Linear(6, 3, { bias: false }),
    ),
  ),
  images: net([4, 8, 8], () =>
    side(
      ...[
        new nn.Conv2d(4, 6, 3, { stride: 2, padding: 1, groups: 2 }),
        new nn.Conv2d(4, 2, [3, 1], { padding: 'same', bias: false }),
      ],
      ...[
        new nn.ConvTranspose2d(4, 2, 3, { stride: 2, outputPadding: 1, dilation: 2 }),
        new nn.MaxPool2d(2),
        new nn.AvgPool2d(3, { stride: 2, padding: 1, countIncludePad: false }),
      ],
      ...[
        new nn.AvgPool2d(2, { dilation: 2 }),
        new nn.MaxPool2d(3, { stride: 2, padding: 1, ceilMode: true }),
        new nn.LPPool2d(2, 2),
      ],
      ...[
        new nn.AdaptiveAvgPool2d([3, 2]),
        new nn.AdaptiveMaxPool2d(2),
        new nn.GlobalAvgPool(),
        new nn.GlobalMaxPool(),
      ],
      ...[
        new nn.BatchNorm2d(4),
        new nn.BatchNorm(4, { momentum: 0.3 }),
        new nn.InstanceNorm2d(4, { affine: true, trackRunningStats: true }),
        new nn.InstanceNorm(4),
      ],
      ...[
        new nn.GroupNorm(2, 4),
        new nn.LayerNorm([8, 8]),
        new nn.LayerNorm(8, { bias: false }),
        new nn.RMSNorm(8),
        new nn.LocalResponseNorm(3),
        new nn.Softmax2d(),
      ],
      ...[
        new nn.PixelShuffle(2),
        new nn.PixelUnshuffle(2),
        new nn.ChannelShuffle(2),
        new nn.Unfold(2, { stride: 2 }),
        new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' }),
      ],
      ...[
        new nn.UpsamplingNearest2d({ scaleFactor: 2 }),
        new nn.UpsamplingBilinear2d({ size: [5, 5] }),
        new nn.Flatten(2),
        new nn.Unflatten(1, [2, 2]),
      ],
      ...[
        new nn.Reshape([-1, 16, 4, 4]),
        new nn.Permute([0, 2, 3, 1]),
        new nn.ZeroPad2d([1, 0, 2, 1]),
        new nn.ConstantPad2d(1, 0.5),
        new nn.ReflectionPad2d(2),
        new nn.ReplicationPad2d(1),
        new nn.CircularPad2d(1),
      ],
      ...[new nn.Dropout(0), new nn.Dropout2d(0), new nn.AlphaDropout(0), new nn.StochasticDepth(0, 'row')],
    ),
  ),
  lines: net([4, 9], () =>
    side(
      ...[
        new nn.Conv1d(4, 3, 3, { dilation: 2 }),
        new nn.ConvTranspose1d(4, 2, 3, { stride: 2 }),
        new nn.MaxPool1d(2),
        new nn.AvgPool1d(3),
        new nn.LPPool1d(2, 3),
        new nn.AdaptiveAvgPool1d(4),
        new nn.AdaptiveMaxPool1d(3),
      ],
      ...[
        new nn.BatchNorm1d(4),
        new nn.InstanceNorm1d(4, { affine: true }),
        new nn.ZeroPad1d(1),
        new nn.ConstantPad1d(2, 1),
        new nn.ReflectionPad1d(2),
        new nn.ReplicationPad1d(1),
        new nn.CircularPad1d(2),
        new nn.Dropout1d(0),
      ],
    ),
  ),
  volumes: net([2, 4, 4, 4], () =>
    side(
      ...[
        new nn.Conv3d(2, 3, 2),
        new nn.ConvTranspose3d(2, 2, 2, { stride: 2 }),
        new nn.MaxPool3d(2),
        new nn.AvgPool3d(2),
        new nn.LPPool3d(2, 2),
        new nn.AdaptiveAvgPool3d(2),
        new nn.AdaptiveMaxPool3d(2),
      ],
      ...[
        new nn.BatchNorm3d(2),
        new nn.InstanceNorm3d(2),
        new nn.ZeroPad3d(1),
        new nn.ConstantPad3d(1, 2),
        new nn.ReflectionPad3d(1),
        new nn.ReplicationPad3d(1),
        new nn.CircularPad3d(1),
        new nn.Dropout3d(0),
      ],
    ),
  ),
  pooling_and_back: net([2, 6, 6], () =>
    side(
      new Of(
        { pool: new nn.MaxPool2d(2, { returnIndices: true }), unpool: new nn.MaxUnpool2d(2) },
        (x, { pool, unpool }) => {
          const { y, indices } = pool.forward(x);
          return unpool.forward(y, indices);
        },
      ),
      new Of(
        { pool: new nn.MaxPool1d(2, { returnIndices: true }), unpool: new nn.MaxUnpool1d(2) },
        (x, { pool, unpool }) => {
          const { y, indices } = pool.forward(ops.flatten(x, { startDim: 2 }));
          return unpool.forward(y, indices);
        },
      ),
      new Of(
        { unfold: new nn.Unfold(3, { padding: 1 }), fold: new nn.Fold([6, 6], 3, { padding: 1 }) },
        (x, { unfold, fold }) => fold.forward(unfold.forward(x)),
      ),
    ),
  ),
  volumes_and_back: net(
    [1, 4, 4, 4],
    () =>
      new Of(
        { pool: new nn.MaxPool3d(2, { returnIndices: true }), unpool: new nn.MaxUnpool3d(2) },
        (x, { pool, unpool }) => {
          const { y, indices } = pool.forward(x);
          return unpool.forward(y, indices);
        },
      ),
  ),
  recurrent: net([5, 4], () =>
    side(
      new Of(
        { lstm: new nn.LSTM(4, 6, { batchFirst: true, numLayers: 2, bidirectional: true }) },
        (x, { lstm }) => lstm.forward(x).y,
      ),
      new Of({ lstm: new nn.LSTM(4, 6, { projSize: 3, bias: false }) }, (x, { lstm }) =>
        ops.transpose(lstm.forward(ops.transpose(x, { dim0: 0, dim1: 1 })).y, { dim0: 0, dim1: 1 }),
      ),
      new Of({ gru: new nn.GRU(4, 5, { batchFirst: true, bidirectional: true }) }, (x, { gru }) =>
        ops.transpose(gru.forward(x).hn, { dim0: 0, dim1: 1 }),
      ),
      new Of(
        {
          rnn: new nn.RNN(4, 5, { batchFirst: true, nonlinearity: 'relu' }),
          again: new nn.RNN(5, 3, { batchFirst: true }),
        },
        (x, { rnn, again }) => {
          const { y } = rnn.forward(x);
          return again.forward(y, {
            lengths: ops.cast(
              ops.add(ops.mul(ops.sum(ops.ge(ops.select(x, { dim: 2, index: 0 }), 2), { dim: 1 }), 0), 3),
              { dtype: 'int32' },
            ),
          }).y;
        },
      ),
      new Of(
        {
          lstm: new nn.LSTMCell(4, 5),
          gru: new nn.GRUCell(5, 4),
          rnn: new nn.RNNCell(4, 4, { nonlinearity: 'relu' }),
        },
        (x, { lstm, gru, rnn }) => {
          let [h, c] = [undefined, undefined] as any[];
          let [g, r] = [undefined, undefined] as any[];
          for (let t = 0; t < 3; t++) {
            ({ h, c } = lstm.forward(ops.select(x, { dim: 1, index: t }), h, c));
            g = gru.forward(h, g);
            r = rnn.forward(g, r);
          }
          return r;
        },
      ),
    ),
  ),
  attention: net([4, 6], () =>
    side(
      new nn.MultiheadAttention(6, 2, { batchFirst: true }),
      new Of(
        {
          attention: new nn.MultiheadAttention(6, 3, {
            kdim: 4,
            vdim: 4,
            addBiasKv: true,
            addZeroAttn: true,
          }),
        },
        (x, { attention }) => {
          const query = ops.transpose(x, { dim0: 0, dim1: 1 });
          const memory = ops.narrow(query, { dim: 2, start: 0, length: 4 });
          return ops.transpose(attention.forward(query, memory, memory), { dim0: 0, dim1: 1 });
        },
      ),
      new Of(
        { attention: new nn.MultiheadAttention(6, 2, { batchFirst: true }) },
        (x, { attention }) => attention.forwardWithWeights(x, x, x, { isCausal: true }).weights,
      ),
      new Of(
        {
          decoder: new nn.TransformerDecoderLayer(6, 2, {
            ...withoutDropout,
            batchFirst: true,
            normFirst: true,
            activation: 'gelu',
          }),
        },
        (x, { decoder }) => decoder.forward(x, ops.flip(x, { dims: [1] }), { isCausal: true }),
      ),
      new nn.TransformerEncoderLayer(6, 2, { ...withoutDropout, batchFirst: true }),
      new nn.SinusoidalPositions(),
      new nn.LearnedPositions(5, 6),
    ),
  ),
  transformer: net(
    [4, 6],
    () =>
      new Of(
        {
          transformer: new nn.Transformer({
            dModel: 6,
            nhead: 2,
            numEncoderLayers: 1,
            numDecoderLayers: 1,
            ...withoutDropout,
          }),
        },
        (x, { transformer }) => {
          const src = ops.transpose(x, { dim0: 0, dim1: 1 });
          const y = transformer.forward(src, ops.narrow(src, { dim: 0, start: 0, length: 3 }), {
            tgt: { isCausal: true },
          });
          return ops.transpose(y, { dim0: 0, dim1: 1 });
        },
      ),
  ),
  tables: {
    model: () =>
      new nn.Sequential(
        new Of(
          {
            rows: new nn.Embedding(9, 4, { paddingIdx: 0 }),
            bag: new nn.EmbeddingBag(9, 3, { mode: 'max' }),
            mean: new nn.EmbeddingBag(9, 3),
          },
          (x, { rows, bag, mean }) =>
            ops.cat([ops.sum(rows.forward(x), { dim: 1 }), bag.forward(x), mean.forward(x)], { dim: 1 }),
        ),
        new nn.Linear(10, 2),
      ),
    data: tokens(6, 9),
    options: { optimizer: { type: 'sgd', lr: 0.1 } },
  },
  parametrized: net(
    [3, 6, 6],
    () =>
      new nn.Sequential(
        nn.weightNorm(new nn.Conv2d(3, 4, 3)),
        nn.spectralNorm(new nn.Conv2d(4, 3, 3)),
        new nn.Flatten(),
        nn.weightNorm(new nn.Linear(12, 5)),
      ),
  ),
  pairs: net([8], () =>
    side(
      new Of(
        {
          bilinear: new nn.Bilinear(4, 4, 3),
          cosine: new nn.CosineSimilarity(1),
          distance: new nn.PairwiseDistance(2),
        },
        (x, { bilinear, cosine, distance }) => {
          const [a, b] = ops.chunk(x, { chunks: 2, dim: 1 });
          return ops.cat(
            [
              bilinear.forward(a, b),
              ops.unsqueeze(cosine.forward(a, b), { dim: 1 }),
              ops.unsqueeze(distance.forward(a, b), { dim: 1 }),
            ],
            { dim: 1 },
          );
        },
      ),
      new nn.Residual(new nn.Linear(8, 8)),
      new nn.Residual(new nn.Linear(8, 5), new nn.Linear(8, 5)),
      new Of(
        {
          list: new nn.ModuleList([new nn.Linear(8, 4), new nn.Linear(4, 4)]),
          dict: new nn.ModuleDict({ out: new nn.Linear(4, 2) }),
        },
        (x, { list, dict }) =>
          dict.items.out.forward(ops.tanh(list.items[1].forward(list.items[0].forward(x)))),
      ),
    ),
  ),
  losses: {
    model: () => new nn.Sequential(new nn.Linear(5, 3), new nn.Sigmoid()),
    data: numbers([5], [3]),
    options: {
      optimizer: { type: 'adam', lr: 5e-3 },
      loss: (y: Tensor, target: Tensor) => {
        const list = [
          new nn.MSELoss(),
          new nn.L1Loss(),
          new nn.SmoothL1Loss({ beta: 0.5 }),
          new nn.HuberLoss({ delta: 0.3 }),
          new nn.BCELoss(),
          new nn.BCEWithLogitsLoss(),
          new nn.PoissonNLLLoss(),
          new nn.KLDivLoss({ reduction: 'batchmean' }),
          new nn.LogCosh(),
          new nn.SoftMarginLoss(),
          new nn.HingeEmbeddingLoss(1),
          new nn.MultiLabelSoftMarginLoss(),
        ];
        return list.map((loss) => loss.forward(y, target)).reduce((sum, loss) => ops.add(sum, loss));
      },
    },
  },
  class_losses: {
    model: () => new nn.Linear(5, 3),
    data: floats([5]),
    options: {
      loss: (y: Tensor, target: Tensor) => {
        const weighted = new nn.CrossEntropyLoss({ labelSmoothing: 0.1 }).forward(y, target);
        const margin = new nn.MultiMarginLoss().forward(y, target);
        return ops.add(
          ops.add(weighted, margin),
          new nn.NLLLoss().forward(ops.logSoftmax(y, { dim: 1 }), target),
        );
      },
    },
  },
};

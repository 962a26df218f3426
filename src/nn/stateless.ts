/** Modules of torch.nn that have no parameters: each applies one op with its attributes. */
import * as ops from '../ops';
import { opModule } from './op-module';

export const ReLU = opModule(ops.relu);
export const ReLU6 = opModule(ops.relu6);
export const LeakyReLU = opModule(ops.leakyRelu, 'negativeSlope');
export const ELU = opModule(ops.elu, 'alpha');
export const SELU = opModule(ops.selu);
export const CELU = opModule(ops.celu, 'alpha');
export const GELU = opModule(ops.gelu);
export const SiLU = opModule(ops.silu);
export const Mish = opModule(ops.mish);
export const Softplus = opModule(ops.softplus, 'beta', 'threshold');
export const Softsign = opModule(ops.softsign);
export const Hardsigmoid = opModule(ops.hardsigmoid);
export const Hardswish = opModule(ops.hardswish);
export const Hardtanh = opModule(ops.hardtanh, 'minVal', 'maxVal');
export const Sigmoid = opModule(ops.sigmoid);
export const Tanh = opModule(ops.tanh);
export const LogSigmoid = opModule(ops.logsigmoid);
export const Softmax = opModule(ops.softmax, 'dim');
export const LogSoftmax = opModule(ops.logSoftmax, 'dim');
export const GLU = opModule(ops.glu, 'dim');

export const MaxPool1d = opModule(ops.maxPool1d, 'kernelSize');
export const MaxPool2d = opModule(ops.maxPool2d, 'kernelSize');
export const MaxPool3d = opModule(ops.maxPool3d, 'kernelSize');
export const AvgPool1d = opModule(ops.avgPool1d, 'kernelSize');
export const AvgPool2d = opModule(ops.avgPool2d, 'kernelSize');
export const AvgPool3d = opModule(ops.avgPool3d, 'kernelSize');
export const AdaptiveAvgPool1d = opModule(ops.adaptiveAvgPool1d, 'outputSize');
export const AdaptiveAvgPool2d = opModule(ops.adaptiveAvgPool2d, 'outputSize');
export const AdaptiveMaxPool1d = opModule(ops.adaptiveMaxPool1d, 'outputSize');
export const AdaptiveMaxPool2d = opModule(ops.adaptiveMaxPool2d, 'outputSize');
export const GlobalAvgPool = opModule(ops.globalAvgPool);
export const GlobalMaxPool = opModule(ops.globalMaxPool);
export const Upsample = opModule(ops.interpolate);
export const PixelShuffle = opModule(ops.pixelShuffle, 'upscaleFactor');

export const Dropout = opModule(ops.dropout, 'p');
export const Dropout1d = opModule(ops.dropout1d, 'p');
export const Dropout2d = opModule(ops.dropout2d, 'p');
export const AlphaDropout = opModule(ops.alphaDropout, 'p');
export const StochasticDepth = opModule(ops.stochasticDepth, 'p', 'mode');
export const LocalResponseNorm = opModule(ops.localResponseNorm, 'size');

export const Unflatten = opModule(ops.unflatten, 'dim', 'sizes');
export const Reshape = opModule(ops.reshape, 'shape');
export const Permute = opModule(ops.permute, 'dims');

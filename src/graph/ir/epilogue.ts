/**
 * Epilogues: what a kernel does with each value before it stores it, so that an activation, its gradient or the sum
 * with a residual needs no dispatch of its own. Ops say in `fusion` what they are and what they take.
 */
import { epilogue as modes } from '../../kernels/constants.generated';
import type { Epilogue, NodeEpilogue, Tensor } from './graph';

/** Activations that kernels with an epilogue know. */
const ACTIVATIONS: Record<string, number> = {
  relu: 0,
  gelu: modes.GELU,
  geluTanh: modes.GELU_TANH,
  silu: modes.SILU,
  sigmoid: modes.SIGMOID,
  tanh: modes.TANH,
};

/** The epilogue of an activation, or of its gradient with `aux`; undefined when kernels do not know the activation. */
export function activationEpilogue(variant: string, aux?: Tensor): Epilogue | undefined {
  const activation = ACTIVATIONS[variant];
  return activation === undefined ? undefined : { kind: aux ? 'gradient' : 'activation', activation, aux };
}

export const isRelu = ({ kind, activation }: Epilogue): boolean =>
  kind !== 'add' && activation === ACTIVATIONS.relu;

/** Whether a kernel can select the epilogue at run time: none, relu, its gradient and a sum. */
export const isSelectable = (epilogue: number): boolean => epilogue <= modes.ADD;

/** The uniform field and the constant of a kernel with this epilogue. */
export function epilogueParams(epilogue: NodeEpilogue | undefined) {
  if (!epilogue) return { epilogue: 0, activation: 0 };
  const { kind, activation, before } = epilogue;
  const relu = isRelu(epilogue);
  if (kind === 'add') return { epilogue: modes.ADD, activation: 0 };
  if (kind === 'gradient') return { epilogue: relu ? modes.RELU_GRADIENT : modes.GRADIENT, activation };
  if (before) return { epilogue: modes.ACTIVATE_KEEP, activation };
  return { epilogue: relu ? modes.RELU : modes.ACTIVATE, activation };
}

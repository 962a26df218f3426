/**
 * Epilogues: what a kernel does with each value before it stores it, so that an activation, its gradient or the sum
 * with a residual needs no dispatch of its own. Ops say in `fusion` what they are and what they take.
 */
import type { Epilogue, NodeEpilogue, Tensor } from './graph';

/** Activations that kernels with an epilogue know, by their number in `shaders/lib/epilogue.wgsl`. */
const ACTIVATIONS: Record<string, number> = { relu: 0, gelu: 1, geluTanh: 2, silu: 3, sigmoid: 4, tanh: 5 };

/** The epilogue of an activation, or of its gradient with `aux`; undefined when kernels do not know the activation. */
export function activationEpilogue(variant: string, aux?: Tensor): Epilogue | undefined {
  const activation = ACTIVATIONS[variant];
  return activation === undefined ? undefined : { kind: aux ? 'gradient' : 'activation', activation, aux };
}

export const isRelu = ({ kind, activation }: Epilogue): boolean =>
  kind !== 'add' && activation === ACTIVATIONS.relu;

const RELU = 1;
const RELU_GRADIENT = 2;
const ADD = 3;
const ACTIVATE = 4;
const ACTIVATE_KEEP = 5;
const GRADIENT = 6;
/** Stands for an epilogue that a kernel is told only when it runs, which none, relu, its gradient and a sum can be. */
export const CHOSEN = 7;
export const canBeChosen = (epilogue: number): boolean => epilogue <= ADD;

/** The uniform field and the constant of a kernel with this epilogue. */
export function epilogueParams(epilogue: NodeEpilogue | undefined) {
  if (!epilogue) return { epilogue: 0, activation: 0 };
  const { kind, activation, before } = epilogue;
  const relu = isRelu(epilogue);
  if (kind === 'add') return { epilogue: ADD, activation: 0 };
  if (kind === 'gradient') return { epilogue: relu ? RELU_GRADIENT : GRADIENT, activation };
  if (before) return { epilogue: ACTIVATE_KEEP, activation };
  return { epilogue: relu ? RELU : ACTIVATE, activation };
}

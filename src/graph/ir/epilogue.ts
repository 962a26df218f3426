/**
 * Epilogues: what a kernel does with each value before it stores it, so that an activation, its gradient or the sum
 * with a residual needs no dispatch of its own. An elementwise op says what it would be as an epilogue, an op with
 * large kernels says that it takes them, and `fuse.ts` brings the two together.
 */
import type { AsEpilogue, NodeEpilogue, Tensor } from './graph';

/** Activations that kernels with an epilogue know, by their number in `shaders/lib/epilogue.wgsl`. */
const ACTIVATIONS: Record<string, number> = { relu: 0, gelu: 1, geluTanh: 2, silu: 3, sigmoid: 4, tanh: 5 };

/** The epilogue of an activation or its gradient; undefined when kernels do not know the activation. */
export function activationEpilogue(variant: string, through: string, aux?: Tensor): AsEpilogue | undefined {
  const activation = ACTIVATIONS[variant];
  if (activation === undefined) return undefined;
  return { kind: aux ? 'gradient' : 'activation', activation, aux, through };
}

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
  const relu = activation === 0;
  if (kind === 'add') return { epilogue: ADD, activation: 0 };
  if (kind === 'gradient') return { epilogue: relu ? RELU_GRADIENT : GRADIENT, activation };
  if (before) return { epilogue: ACTIVATE_KEEP, activation };
  return { epilogue: relu ? RELU : ACTIVATE, activation };
}

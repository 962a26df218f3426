/** Modes of a kernel, as far as its constants and uniforms tell them: which of its lines run. */
import type { Dispatch } from '../graph/compiler/load-kernels';
import { hashString } from '../random';

/** Everything that selects code paths in a kernel. */
export type Launch = Pick<Dispatch, 'kernel' | 'constants' | 'params'>;

/** Uniforms that are no sizes, strides or positions. */
const FLAG =
  /^(has_|is_|reduce|finish|weighted|totals|causal|reverse|descending|backwards|include|by_output)/;
/** Compile-time constants that are sizes. */
const SIZE = /^(GROUP|TAPS|STRIDE)$|SIZE|TILE|LANES/;

/** Names a kernel with the flags that it is run with. */
export function kernelMode({ kernel, constants, params }: Launch): string {
  const flags = [
    ...Object.entries(constants).filter(([name]) => !SIZE.test(name)),
    ...Object.entries(params).filter(([name]) => FLAG.test(name)),
  ];
  return [kernel.file, kernel.variant, ...flags.map(([name, value]) => `${name}=${value}`)].join(' ');
}

/** The same with the kernel's code: what was found of one version of it says nothing about another. */
export const modeId = (launch: Launch): string => `${kernelMode(launch)} ${hashString(launch.kernel.code)}`;

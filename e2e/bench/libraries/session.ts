/** What a library under test offers: one model that trains on one resident batch. */
import type { KernelCase } from '../kernels';
import type { Start, Workload } from '../workloads';

export interface Session {
  /**
   * Runs `count` steps and waits until the last one is done, with as much in flight as the library can have.
   * @returns the loss of the last step, before its update.
   */
  run(count: number): Promise<number>;
  dispose(): Promise<void> | void;
}

export type Backend = 'webgpu' | 'wasm';

/** Builds the workload with the given start and puts it where it runs. */
export type Prepare = (workload: Workload, start: Start, backend: Backend) => Promise<Session>;

/** One kernel case, ready to run again and again. */
export interface KernelSession {
  /** Runs it `count` times and waits until all are done. */
  run(count: number): Promise<void>;
  /** What the last run computed. */
  results(): Promise<ArrayLike<number>[]>;
  dispose(): Promise<void> | void;
}

export type PrepareKernel = (made: KernelCase, backend: Backend) => Promise<KernelSession>;

/** A library whose API cannot express the workload; the row says so. */
export class Unsupported extends Error {}

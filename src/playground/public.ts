/** Types of the element for programs. */
import type { PlaygroundState } from './recipe';

/** `<gradloom-playground>` as an element of the page. */
export interface PlaygroundElement extends HTMLElement {
  /** Name of what to begin with: `digits`, `spiral`, `names`, `char-gpt`, ... */
  preset: string | undefined;
  /** Whether it trains as soon as it can and is in sight. */
  autoplay: boolean;
  /** `light` or `dark`; else as the page. */
  theme: string;
  /** The panel that is open. */
  panel: string | undefined;
  /** Whether it trains on out of sight. */
  background: boolean;
  /** Name under which the run is kept in this browser, to go on with another day. */
  autosave: string | undefined;
  /** Model, data and settings as plain JSON. */
  state: PlaygroundState;
  play(): Promise<void>;
  pause(): Promise<void>;
  /** Trains for so many steps; default 1. */
  step(count?: number): Promise<void>;
  /** First weights again. */
  reset(): Promise<void>;
  /** Weights of a file (safetensors, torch.save, NumPy), or a state. */
  load(given: Uint8Array | ArrayBuffer | Blob | PlaygroundState): Promise<void>;
  /** The weights as a safetensors file with PyTorch's names. */
  save(): Promise<Uint8Array<ArrayBuffer>>;
  /** The model's output for samples. */
  predict(x: readonly (readonly number[])[] | Float32Array): Promise<{ shape: number[]; data: Float32Array }>;
}

/** Events of the element, with their details. */
export interface PlaygroundEvents {
  /** It can play. */
  ready: CustomEvent<Record<string, never>>;
  /** Some steps were trained; the last one's metrics. */
  step: CustomEvent<{ step: number; epoch: number; loss: number; accuracy?: number }>;
  epoch: CustomEvent<{ epoch: number; loss: number; accuracy?: number }>;
  /** All epochs of the settings are over. */
  done: CustomEvent<{ epoch: number }>;
  error: CustomEvent<{ code: string; message: string; fix?: string; where?: string }>;
  /** Something leaves the playground: weights, a specification, code. */
  export: CustomEvent<{ format: string; bytes?: Uint8Array; text?: string }>;
}

declare global {
  interface HTMLElementTagNameMap {
    'gradloom-playground': PlaygroundElement;
  }
}

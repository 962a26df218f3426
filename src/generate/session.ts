/**
 * Sequences that are decoded side by side on the device: their state lies in GPU buffers from step to step, and a
 * step writes a few integers per sequence and reads back one row of logits for each.
 */
import copyForward from '../../shaders/elementwise/copy.forward.wgsl';
import { assertInternal, formatShape } from '../errors';
import { alignTo, type BufferSlice } from '../gpu/buffers';
import type { Device } from '../gpu/device';
import { Graph, type Shape, sizeOf, type Tensor } from '../graph/ir/graph';
import { defineInternal, viewOf } from '../graph/ir/op';
import { compile } from '../graph/runtime/compile';
import type { Plan } from '../graph/runtime/plan';
import { type Decodable, type DecodeContext, type DecodeSizes, EncoderDecoder } from '../nn';
import * as ops from '../ops';

/** New tokens of each sequence of a session. */
export interface StepInput {
  /** Tokens per sequence; shorter ones are padded at the end. */
  steps: number;
  /** `[rows, steps]`. */
  tokens: Int32Array;
  /** `[rows, steps]`, -1 at padding and for sequences that are over. */
  positions: Int32Array;
  /** `[rows]`, at least 1. */
  lengths: Int32Array;
  /** `[rows]`. */
  parents: Int32Array;
  /** `[rows, capacity]`. */
  sources: Int32Array;
}

/** A compiled step, and what was last written to each of its inputs. */
interface StepPlan {
  plan: Plan;
  written: Map<string, Int32Array | undefined>;
}

interface State {
  slice: BufferSlice;
  shape: Shape;
}

export class DecodeSession {
  private readonly states = new Map<string, State>();
  private readonly plans = new Map<number, Promise<StepPlan>>();
  private encoder?: Promise<Plan>;

  /** Allocates the state. @throws GradloomError `out-of-memory` when it does not fit the adapter. */
  constructor(
    private readonly device: Device,
    private readonly model: Decodable,
    readonly sizes: DecodeSizes,
  ) {
    const shapes = Object.entries(model.decodeState(sizes));
    const bytes = shapes.map(([, shape]) => alignTo(4 * sizeOf(shape), 16));
    device.buffers.require(bytes, `state of ${sizes.rows} sequences`);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    shapes.forEach(([name, shape], i) => {
      const buffer = device.buffers.allocate(bytes[i], usage, `state ${name}`);
      this.states.set(name, { slice: { buffer, offset: 0, size: bytes[i] }, shape });
    });
  }

  /** Bytes of the state on the device. */
  get stateBytes(): number {
    return [...this.states.values()].reduce((sum, { slice }) => sum + slice.size, 0);
  }

  /** Forgets all sequences. */
  reset(): void {
    const encoder = this.device.gpu.createCommandEncoder();
    for (const { slice } of this.states.values()) encoder.clearBuffer(slice.buffer);
    this.device.gpu.queue.submit([encoder.finish()]);
  }

  /** Reads sources `[rows, sourceLength]`, padded at the end with token 0. */
  async encode(sources: Int32Array): Promise<void> {
    const { model } = this;
    assertInternal(
      model instanceof EncoderDecoder,
      'DecodeSession',
      'sources for a model without an encoder',
    );
    this.encoder ??= (async () => {
      const graph = new Graph();
      const { rows, sourceLength } = this.sizes;
      const source = graph.input('source', [rows, sourceLength], 'i32');
      model.encode(source, { keep: (name, value) => this.keep(graph, name, value) });
      return compile(this.device, graph);
    })();
    const plan = await this.encoder;
    plan.write('source', sources);
    plan.run();
  }

  /**
   * Adds tokens to all sequences; logits `[rows, vocabSize]` after the last of each. An array that was given for the
   * step before is not written again, so its values must not change.
   */
  async step({ steps, ...arrays }: StepInput): Promise<Float32Array> {
    let made = this.plans.get(steps);
    if (!made) {
      made = this.compileStep(steps);
      this.plans.set(steps, made);
      // A plan that could not be made is tried again next time.
      made.catch(() => this.plans.delete(steps));
    }
    const { plan, written } = await made;
    const last = arrays.lengths.map((length, row) => row * steps + length - 1);
    const values: Record<string, Int32Array> = { ...arrays, last };
    for (const [name, before] of written) {
      if (values[name] === before) continue;
      plan.write(name, values[name]);
      written.set(name, values[name]);
    }
    plan.run();
    return (await plan.read('logits')) as Float32Array;
  }

  async destroy(): Promise<void> {
    for (const made of this.plans.values()) (await made).plan.destroy();
    (await this.encoder)?.destroy();
    for (const { slice } of this.states.values()) this.device.buffers.free(slice.buffer);
  }

  private async compileStep(steps: number): Promise<StepPlan> {
    const graph = new Graph();
    const logits = this.model.decode(this.context(graph, steps));
    const plan = await compile(this.device, graph, { outputs: { logits } });
    return { plan, written: new Map([...graph.inputs.keys()].map((name) => [name, undefined])) };
  }

  /** What the model records a step with. Inputs come into being when they are asked for. */
  private context(graph: Graph, steps: number): DecodeContext {
    const { rows, capacity } = this.sizes;
    const input = (name: string, shape: Shape) => graph.inputs.get(name) ?? graph.input(name, shape, 'i32');
    const state = (name: string) => this.state(graph, name);
    return {
      get tokens() {
        return input('tokens', [rows, steps]);
      },
      get positions() {
        return input('positions', [rows, steps]);
      },
      get lengths() {
        return input('lengths', [rows]);
      },
      get parents() {
        return input('parents', [rows]);
      },
      get sources() {
        return input('sources', [rows, capacity]);
      },
      state,
      continued: (name, dim) => ops.indexSelect(state(name), input('parents', [rows]), { dim }),
      keep: (name, value) => this.keep(graph, name, value),
      last(x) {
        const features = x.shape.slice(2);
        const lines = ops.reshape(x, { shape: [rows * steps, ...features] });
        return steps === 1 ? lines : ops.indexSelect(lines, input('last', [rows]), { dim: 0 });
      },
    };
  }

  private state(graph: Graph, name: string): Tensor {
    const state = this.states.get(name);
    assertInternal(state, 'DecodeSession', `no state ${name}`);
    return graph.external(state.slice, state.shape);
  }

  private keep(graph: Graph, name: string, value: Tensor): void {
    const target = this.state(graph, name);
    const fits = target.shape.join() === value.shape.join();
    const both = `${formatShape(value.shape)} for state ${name} ${formatShape(target.shape)}`;
    assertInternal(fits, 'DecodeSession', both);
    assign({ value, target }, undefined);
  }
}

/** Copies values over state. */
const assign = defineInternal({
  name: 'assign',
  inputs: ['value', 'target'],
  outputs: ['y'],
  shape: ({ target }) => ({ y: viewOf(target, target.shape) }),
  lower: ({ value, y }, _: undefined, k) =>
    k.dispatch(copyForward, { x: value }, { y }, { n: y.size }, { threads: y.size }),
});

/**
 * What runs functions on values on one device: the queue that keeps them in the order of their calls, and the bounded
 * caches of what they were compiled to.
 */
import { GradloomError } from '../errors';
import type { Device } from '../gpu/device';
import { DeviceTensor, type OpOperands, type RecordableOp } from '../graph/ir/device-tensor';
import { Graph, type Tensor } from '../graph/ir/graph';
import { Variable } from '../graph/ir/variable';
import type { StepValues } from '../graph/runtime/step-values';
import { CompiledFunction, type InputValue } from './compiled';
import { Cell, type OpRunner, QueuedTensor } from './queued-tensor';

/** Most ops with their shapes, types and attributes that stay compiled for eager use. */
const MOST_OPS = 128;

/** A bounded map: what was not used for longest goes first. */
export class FunctionCache {
  /** In the order of their last use. */
  private readonly entries = new Map<string, CompiledFunction>();

  constructor(
    private readonly eager: Eager,
    private readonly capacity: number,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: string, make: () => CompiledFunction): CompiledFunction {
    const known = this.entries.get(key);
    if (known?.plan?.isDead) this.eager.retire(known);
    const entry = known && !known.plan?.isDead ? known : make();
    this.entries.delete(key);
    this.entries.set(key, entry);
    entry.compiled.catch(() => {
      if (this.entries.get(key) === entry) this.entries.delete(key);
    });
    if (this.entries.size > this.capacity) {
      const [oldest] = this.entries.keys();
      const dropped = this.entries.get(oldest)!;
      this.entries.delete(oldest);
      this.eager.retire(dropped);
    }
    return entry;
  }

  clear(): void {
    for (const entry of this.entries.values()) this.eager.retire(entry);
    this.entries.clear();
  }
}

export class Eager implements OpRunner {
  private readonly ops = new FunctionCache(this, MOST_OPS);
  private readonly numbers = new WeakMap<Variable | RecordableOp, number>();
  private numbered = 0;
  /** Number of the next op, for its random stream. */
  private calls = 0;
  /** The end of the queue while work waits. */
  private last: Promise<void> | undefined;
  private readonly registry = new FinalizationRegistry<Cell>((cell) => {
    if (cell.error !== undefined && !cell.isReported) console.error(cell.error);
    cell.release();
  });

  constructor(readonly device: Device) {}

  /** The one of a device. */
  static of(device: Device): Eager {
    return device.shared(Eager, () => new Eager(device));
  }

  /** Number of ops with their shapes, types and attributes that are compiled. */
  get compiledOps(): number {
    return this.ops.size;
  }

  /** A number that tells variables, and ops of one name, apart in keys. */
  numberOf(key: Variable | RecordableOp): number {
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.numbered++;
      this.numbers.set(key, number);
    }
    return number;
  }

  adopt(tensor: DeviceTensor, cell: Cell): void {
    this.registry.register(tensor, cell, tensor);
  }

  disown(tensor: DeviceTensor): void {
    this.registry.unregister(tensor);
  }

  /** The memory of a tensor of this device. */
  cellOf(op: string, tensor: DeviceTensor): Cell {
    if (tensor instanceof QueuedTensor && tensor.device === this.device) return tensor.cell(op);
    throw new GradloomError({
      code: 'argument',
      op,
      got: 'a tensor of another device',
      expected: 'tensors of one device',
    });
  }

  /**
   * Runs a function and gives its results at once; their values follow. Calls take effect in their order.
   * @throws GradloomError for what is known to be wrong now.
   */
  run(compiled: CompiledFunction, values: readonly InputValue[], step: StepValues = {}): DeviceTensor[] {
    compiled.check(values);
    const results = compiled.outputs.map(() => new Cell(this.device));
    const inputs = values.filter((value): value is Cell => value instanceof Cell);
    if (compiled.plan && !this.last) {
      raise(inputs);
      try {
        compiled.run(values, results, step);
      } catch (error) {
        for (const cell of results) cell.release();
        throw error;
      }
    } else {
      for (const cell of inputs) cell.retain();
      // The caller may change its arrays before they are uploaded.
      const kept = values.map((value) =>
        value instanceof Cell ? value : { ...value, data: value.data.slice() },
      );
      for (const cell of results) cell.retain();
      const done = this.enqueue(compiled.compiled, () => {
        raise(inputs);
        compiled.run(kept, results, step);
      })
        .catch((error) => {
          for (const cell of results) cell.error = error;
        })
        .finally(() => {
          for (const cell of [...inputs, ...results]) cell.release();
        });
      for (const cell of results) cell.ready = done;
    }
    return compiled.outputs.map(({ shape, dtype }, i) => new QueuedTensor(shape, dtype, this, results[i]));
  }

  /** Frees a function behind everything that is queued. */
  retire(compiled: CompiledFunction): void {
    if (compiled.plan && !this.last) compiled.destroy();
    else this.enqueue(compiled.compiled, () => compiled.destroy()).catch(() => {});
  }

  /** Runs `work` behind everything that is queued, when `until` is there. */
  private enqueue(until: Promise<void>, work: () => void): Promise<void> {
    const done = Promise.all([until, this.last]).then(work);
    const last = done.catch(() => {});
    this.last = last;
    last.then(() => {
      if (this.last === last) this.last = undefined;
    });
    return done;
  }

  applyOp(op: RecordableOp, inputs: OpOperands, attrs: object): Record<string, DeviceTensor> {
    const values: InputValue[] = [];
    const describe = (value: unknown): unknown => {
      if (value instanceof DeviceTensor) {
        values.push(this.cellOf(op.name, value));
        return { shape: value.shape, dtype: value.dtype };
      }
      if (value instanceof Variable) return { variable: this.numberOf(value) };
      if (ArrayBuffer.isView(value)) return [value.constructor.name, ...(value as Float32Array)];
      return Array.isArray(value)
        ? value.map(describe)
        : typeof value === 'number'
          ? { number: String(value) }
          : value;
    };
    const described = Object.entries(inputs).map(([name, value]) => [name, describe(value)]);
    const key = JSON.stringify([op.name, this.numberOf(op), described, attrs], (_, value) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    );
    const make = () => {
      const graph = new Graph();
      const recorded: { name: string; tensor: Tensor }[] = [];
      const input = (value: unknown): unknown => {
        if (!(value instanceof DeviceTensor)) return Array.isArray(value) ? value.map(input) : value;
        const name = `operand ${recorded.length}`;
        const tensor = graph.input(name, value.shape, value.dtype);
        recorded.push({ name, tensor });
        return tensor;
      };
      const given = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, input(value)]));
      const outputs = op.call(given as OpOperands, attrs, graph);
      return new CompiledFunction(this.device, graph, recorded, Object.values(outputs), Object.keys(outputs));
    };
    const compiled = this.ops.get(key, make);
    const results = this.run(compiled, values, { index: this.calls++ });
    return Object.fromEntries((compiled.structure as string[]).map((name, i) => [name, results[i]]));
  }

  destroy(): void {
    this.ops.clear();
  }
}

/** @throws the error of an input that could not be computed. */
function raise(inputs: readonly Cell[]): void {
  for (const cell of inputs) {
    if (cell.error === undefined) continue;
    cell.isReported = true;
    throw cell.error;
  }
}

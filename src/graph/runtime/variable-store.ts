/**
 * Placement: the variables of a device live in GPU memory once, whoever uses them (plans, training steps, generators).
 * Variables that are placed together share arenas, parameters in one and buffers (running statistics) in another, so
 * that an optimizer step is one dispatch over the whole model. An arena is one GPU buffer, or several pages when the
 * adapter's largest binding is smaller than the model.
 */
import { formatShape, GradloomError } from '../../errors';
import { alignTo, BINDING_ALIGNMENT, type BufferSlice } from '../../gpu/buffers';
import type { Device } from '../../gpu/device';
import type { Variable } from '../ir/variable';

/** Where a variable lies within an arena: page and byte offset. */
interface Position {
  page: number;
  offset: number;
}

/** Memory with a fixed layout for a list of variables; several arenas may share one layout. */
export class Arena {
  /** Others, filled with zeros, when another GPU took the place of a lost one. */
  pages: GPUBuffer[];
  /** Whether the GPU refused the memory: there are no values in it. */
  isRefused = false;
  private readonly unfollow: () => void;

  /** @param refill called when the pages are others */
  constructor(
    private readonly device: Device,
    readonly layout: ArenaLayout,
    private readonly label: string,
    refill?: () => void,
  ) {
    this.pages = this.allocate();
    this.unfollow = device.onRenew('memory', () => {
      this.pages = this.allocate();
      refill?.();
    });
  }

  private allocate(): GPUBuffer[] {
    const { device, layout, label } = this;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    device.buffers.require(layout.pageSizes, label);
    return layout.pageSizes.map((size, i) => device.buffers.allocate(size, usage, `${label} ${i}`));
  }

  /** The bytes of one variable. */
  slice(variable: Variable): BufferSlice | undefined {
    const position = this.layout.positions.get(variable);
    return (
      position && { buffer: this.pages[position.page], offset: position.offset, size: 4 * variable.size }
    );
  }

  destroy(): void {
    this.unfollow();
    for (const page of this.pages) this.device.buffers.free(page);
  }
}

/** Bytes that a variable takes in an arena, padding included. */
export const paddedBytes = (variable: Variable): number =>
  alignTo(Math.max(4 * variable.size, 4), BINDING_ALIGNMENT);

export class ArenaLayout {
  readonly positions = new Map<Variable, Position>();
  readonly pageSizes: number[] = [];

  /** @param maxPage most bytes of one page: what the adapter can bind at once. */
  constructor(
    readonly variables: readonly Variable[],
    maxPage: number,
  ) {
    for (const variable of variables) {
      const size = paddedBytes(variable);
      const last = this.pageSizes.length - 1;
      if (last < 0 || this.pageSizes[last] + size > maxPage) this.pageSizes.push(0);
      const page = this.pageSizes.length - 1;
      this.positions.set(variable, { page, offset: this.pageSizes[page] });
      this.pageSizes[page] += size;
    }
  }

  /** Bytes of one arena of this layout. */
  get bytes(): number {
    return this.pageSizes.reduce((sum, size) => sum + size, 0);
  }
}

/** Most bytes that one binding of this device can cover. */
export const maxPageBytes = ({ limits }: Device): number =>
  Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);

/** A variable on the device, and how many placements hold it. */
interface Place {
  arena: Arena;
  users: number;
  /** Stops following assignments to the variable. */
  unfollow(): void;
}

/** Keeps variables on the device until it is released. */
export class Placement {
  private released = false;

  constructor(
    private readonly store: VariableStore,
    readonly variables: readonly Variable[],
    /** Resolves when the GPU has the memory; rejects with `out-of-memory`. */
    readonly ready: Promise<void>,
  ) {}

  /** Copies the device's values to the host copies of the variables. */
  download(): Promise<void> {
    return this.store.download(this.variables);
  }

  /** Gives the variables up; memory that nobody else holds is freed. Further calls do nothing. */
  release(): void {
    if (this.released) return;
    this.released = true;
    this.store.release(this.variables);
  }
}

export class VariableStore {
  private readonly places = new Map<Variable, Place>();

  private constructor(private readonly device: Device) {}

  /** The variables of a device. */
  static of(device: Device): VariableStore {
    return device.shared(VariableStore, () => new VariableStore(device));
  }

  /**
   * Puts variables on the device, those that are not there yet with their host values; where there are none these are
   * drawn from `seed`, once it is known that they fit. Assigning `variable.data` later reaches the device at once.
   * @throws GradloomError `out-of-memory` with the bytes needed when they do not fit; nothing is kept then.
   */
  place(variables: readonly Variable[], seed = 0): Placement {
    const unique = [...new Set(variables)];
    const missing = unique.filter((variable) => !this.places.has(variable));
    const halves = [true, false].map((trainable) => missing.filter((v) => v.trainable === trainable));
    const maxPage = maxPageBytes(this.device);
    const layouts = halves.filter((half) => half.length > 0).map((half) => new ArenaLayout(half, maxPage));
    this.device.buffers.require(
      layouts.flatMap(({ pageSizes }) => pageSizes),
      'parameters',
    );
    const arenas: Arena[] = [];
    const ready = this.device.catchOutOfMemory(() => {
      for (const layout of layouts) arenas.push(this.add(layout, seed));
    }, 'parameters');
    ready.then(
      () => {},
      () => {
        for (const arena of arenas) arena.isRefused = true;
      },
    );
    for (const variable of unique) this.places.get(variable)!.users++;
    return new Placement(this, unique, ready);
  }

  /** The bytes of a variable on the device. */
  slice(variable: Variable): BufferSlice {
    const slice = this.places.get(variable)?.arena.slice(variable);
    if (slice) return slice;
    throw new GradloomError({
      code: 'argument',
      op: 'VariableStore',
      argument: variable.name || `variable ${formatShape(variable.shape)}`,
      got: 'not on this device',
      expected: 'a variable that is placed',
      fix: 'Call place first, or use a plan, step or trainer of the model',
    });
  }

  /** Copies the device's values to the host copies; variables that are not on the device keep theirs. */
  async download(variables: readonly Variable[]): Promise<void> {
    const placed = variables.flatMap((variable) => {
      const arena = this.places.get(variable)?.arena;
      const slice = arena?.isRefused ? undefined : arena?.slice(variable);
      return slice && slice.size > 0 ? [{ variable, slice, version: variable.version }] : [];
    });
    const bytes = await this.device.readback.readAll(placed.map(({ slice }) => slice));
    placed.forEach(({ variable, version }, i) => {
      // Values assigned while the copy was under way are newer.
      if (variable.version === version) variable.receive(new Float32Array(bytes[i]));
    });
  }

  /** Called by `Placement.release`. */
  release(variables: readonly Variable[]): void {
    // After `destroy` nothing is placed any more.
    const places = variables.flatMap((variable) => this.places.get(variable) ?? []);
    for (const place of places) place.users--;
    const arenas = new Set(places.map(({ arena }) => arena));
    for (const arena of arenas) {
      const members = arena.layout.variables;
      if (members.some((variable) => this.places.get(variable)!.users > 0)) continue;
      for (const variable of members) {
        this.places.get(variable)!.unfollow();
        this.places.delete(variable);
      }
      arena.destroy();
    }
  }

  /** Stops following the variables; their host copies stay as they are. */
  destroy(): void {
    for (const { unfollow } of this.places.values()) unfollow();
    this.places.clear();
  }

  private add(layout: ArenaLayout, seed: number): Arena {
    const label = layout.variables[0].trainable ? 'parameters' : 'buffers';
    const arena = new Arena(this.device, layout, label, () => {
      for (const variable of layout.variables) this.upload(variable);
    });
    for (const variable of layout.variables) {
      variable.ensureData(seed);
      const upload = () => this.upload(variable);
      this.places.set(variable, { arena, users: 0, unfollow: variable.follow(upload) });
      upload();
    }
    return arena;
  }

  private upload(variable: Variable): void {
    if (variable.size === 0) return;
    const { buffer, offset } = this.slice(variable);
    this.device.gpu.queue.writeBuffer(buffer, offset, variable.data as Float32Array<ArrayBuffer>);
  }
}

/**
 * Variables on the device. Parameters share one arena, buffers (running statistics) another, so that an optimizer
 * step is one dispatch over the whole model. An arena is one GPU buffer, or several pages when the adapter's
 * largest binding is smaller than the model.
 */
import { formatShape, GradloomError } from '../../errors';
import { alignTo, BINDING_ALIGNMENT, type BufferSlice } from '../../gpu/buffers';
import type { Device } from '../../gpu/device';
import type { Variable } from '../ir/variable';

/** Where each variable lies: page and byte offset. */
interface Place {
  page: number;
  offset: number;
}

/** Memory with a fixed layout for a list of variables; several arenas share one layout. */
export class Arena {
  readonly pages: GPUBuffer[];

  constructor(
    private readonly device: Device,
    private readonly layout: ArenaLayout,
    label: string,
  ) {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    device.buffers.require(layout.pageSizes, label);
    this.pages = layout.pageSizes.map((size, i) => device.buffers.allocate(size, usage, `${label} ${i}`));
  }

  /** The bytes of one variable. */
  slice(variable: Variable): BufferSlice | undefined {
    const place = this.layout.places.get(variable);
    return place && { buffer: this.pages[place.page], offset: place.offset, size: 4 * variable.size };
  }

  destroy(): void {
    for (const page of this.pages) this.device.buffers.free(page);
  }
}

export class ArenaLayout {
  readonly places = new Map<Variable, Place>();
  readonly pageSizes: number[] = [];

  /** @param maxPage most bytes of one page: what the adapter can bind at once. */
  constructor(
    readonly variables: readonly Variable[],
    maxPage: number,
  ) {
    for (const variable of variables) {
      const size = alignTo(Math.max(4 * variable.size, 4), BINDING_ALIGNMENT);
      const last = this.pageSizes.length - 1;
      if (last < 0 || this.pageSizes[last] + size > maxPage) this.pageSizes.push(0);
      const page = this.pageSizes.length - 1;
      this.places.set(variable, { page, offset: this.pageSizes[page] });
      this.pageSizes[page] += size;
    }
  }

  /** Bytes of one arena of this layout. */
  get bytes(): number {
    return this.pageSizes.reduce((sum, size) => sum + size, 0);
  }
}

export class VariableStore {
  readonly parameters: ArenaLayout;
  readonly values: Arena;
  private readonly buffers: Arena;

  /**
   * Allocates the arenas and uploads the host values.
   * @throws GradloomError `out-of-memory` with the bytes needed when the model does not fit the adapter.
   */
  constructor(
    readonly device: Device,
    readonly variables: readonly Variable[],
  ) {
    const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
    const maxPage = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    this.parameters = new ArenaLayout(
      variables.filter((v) => v.trainable),
      maxPage,
    );
    this.values = new Arena(device, this.parameters, 'parameters');
    const buffers = new ArenaLayout(
      variables.filter((v) => !v.trainable),
      maxPage,
    );
    this.buffers = new Arena(device, buffers, 'buffers');
    this.upload();
  }

  /** The bytes of a variable on the device. */
  slice(variable: Variable): BufferSlice {
    const slice = this.values.slice(variable) ?? this.buffers.slice(variable);
    if (!slice) {
      throw new GradloomError({
        code: 'argument',
        op: 'VariableStore',
        argument: variable.name || `variable ${formatShape(variable.shape)}`,
        got: 'not in this store',
        expected: 'a parameter or buffer of the model that the store was made for',
        fix: 'Assign the parameter to a property of the module',
      });
    }
    return slice;
  }

  /** A further arena with the parameters' layout, zero-filled: gradients, moments. */
  createArena(label: string): Arena {
    return new Arena(this.device, this.parameters, label);
  }

  /** Copies the host values to the device. */
  upload(variables: readonly Variable[] = this.variables): void {
    for (const variable of variables) {
      if (!variable.data) {
        throw new GradloomError({
          code: 'internal',
          op: 'VariableStore',
          got: `${variable.name} has no initial values`,
        });
      }
      const { buffer, offset } = this.slice(variable);
      if (variable.size > 0)
        this.device.gpu.queue.writeBuffer(buffer, offset, variable.data as Float32Array<ArrayBuffer>);
    }
  }

  /** Copies the device's values to the host copies of the variables. */
  async download(): Promise<void> {
    await Promise.all(
      this.variables.map(async (variable) => {
        if (variable.size === 0) return;
        variable.data = new Float32Array(await this.device.readback.read(this.slice(variable)));
      }),
    );
  }

  destroy(): void {
    this.values.destroy();
    this.buffers.destroy();
  }
}

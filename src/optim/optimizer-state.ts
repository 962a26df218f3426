/**
 * Optimizer state on a device: the gradients of some parameters and what the optimizer keeps of each, in arenas of one
 * layout. Parameters that follow each other in memory get neighbouring state, so that one dispatch updates them all.
 */
import type { BufferSlice } from '../gpu/buffers';
import type { Device } from '../gpu/device';
import type { Graph, Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import {
  Arena,
  ArenaLayout,
  maxPageBytes,
  paddedBytes,
  VariableStore,
} from '../graph/runtime/variable-store';
import { optimizer } from '../kernels/constants.generated';
import { NO_CLIP_VALUE } from './clip';
import type { UpdateSegment } from './optimizer';
import type { ParameterGroup } from './parameter-groups';
import type { AveragedSegment } from './rules/average';

/** Bytes of a block: the unit in which variables are laid out. */
const BLOCK_BYTES = 16 * optimizer.BLOCK;

/** Memory of several parameters in a row: where they and their state lie, in bytes. */
interface Run {
  parameters: BufferSlice;
  state: { page: number; offset: number };
}

export class OptimizerState {
  readonly gradients: Arena;
  private readonly state: Arena[];
  /** Resolves when the GPU has the memory; rejects with `out-of-memory`. */
  readonly ready: Promise<void>;

  /** Allocates zero-filled gradients and state for parameters that are placed. */
  constructor(
    private readonly device: Device,
    readonly groups: readonly ParameterGroup[],
    /** Names of what is kept beside the state of the optimizers. */
    more: readonly string[] = [],
  ) {
    const layout = new ArenaLayout(
      groups.flatMap(({ parameters }) => this.inMemoryOrder(parameters)),
      maxPageBytes(device),
    );
    const names = new Set([...groups.flatMap(({ optimizer }) => optimizer.stateNames), ...more]);
    const labels = ['gradients', ...names];
    const arenas: Arena[] = [];
    device.buffers.require(
      labels.flatMap(() => layout.pageSizes),
      'optimizer state',
    );
    this.ready = device.catchOutOfMemory(() => {
      for (const label of labels) arenas.push(new Arena(device, layout, label));
    }, 'optimizer state');
    [this.gradients, ...this.state] = arenas;
    this.stateNames = [...names];
  }

  /** Names of what is kept per parameter. */
  readonly stateNames: readonly string[];

  /** The parameters that have a gradient here. */
  get parameters(): readonly Variable[] {
    return this.gradients.layout.variables;
  }

  /** The bytes of one kind of state of a variable. */
  slice(name: string, variable: Variable): BufferSlice | undefined {
    return this.state[this.stateNames.indexOf(name)]?.slice(variable);
  }

  /** The gradients of `used` parameters as tensors of a graph, one per run of memory. */
  gradientRuns(graph: Graph, used: ReadonlySet<Variable>): Tensor[] {
    const runs = this.runsOf(this.parameters.filter((variable) => used.has(variable)));
    return runs.map(({ parameters: { size }, state: { page, offset } }) =>
      graph.external({ buffer: this.gradients.pages[page], offset, size }, [size / 4]),
    );
  }

  /**
   * Records the update of the `used` parameters of every group: one dispatch per group and page.
   * @param options.firstSlot the step struct of the first group; the others follow
   */
  update(
    graph: Graph,
    used: ReadonlySet<Variable>,
    options: { scale: Tensor; clipValue?: number; after: Tensor[]; firstSlot: number },
  ): void {
    const { scale, clipValue = NO_CLIP_VALUE, after, firstSlot } = options;
    this.groups.forEach(({ optimizer, parameters }, g) => {
      const ordered = this.inMemoryOrder(parameters.filter((variable) => used.has(variable)));
      const states = optimizer.stateNames.map((name) => this.state[this.stateNames.indexOf(name)]);
      const { inPlaceOnly, perParameter } = optimizer;
      const lists = perParameter ? ordered.map((variable) => [variable]) : [ordered];
      for (const list of lists) {
        const shape = perParameter ? list[0].shape : undefined;
        for (const memory of this.segments(graph, list, states, inPlaceOnly)) {
          optimizer.update({ ...memory, shape, scale, clipValue, after, stepSlot: firstSlot + g });
        }
      }
    });
  }

  /** Records the running average of all parameters, in the state `name`: one dispatch per page. */
  average(
    graph: Graph,
    name: string,
    record: (memory: Omit<AveragedSegment, 'scale' | 'stepSlot'>) => void,
  ): void {
    const arena = this.state[this.stateNames.indexOf(name)];
    for (const memory of this.segments(graph, this.inMemoryOrder(this.parameters), [arena])) record(memory);
  }

  /** Bytes of the arenas. */
  get bytes(): { gradients: number; state: number } {
    const { bytes } = this.gradients.layout;
    return { gradients: bytes, state: bytes * this.state.length };
  }

  /** Sets all gradients to zero. */
  clearGradients(encoder: GPUCommandEncoder): void {
    for (const page of this.gradients.pages) encoder.clearBuffer(page);
  }

  destroy(): void {
    for (const arena of [this.gradients, ...this.state]) arena.destroy();
  }

  /** Runs grouped by the buffers they lie in: a group of one is bound in place, larger ones go by a table of blocks. */
  private segments(
    graph: Graph,
    variables: readonly Variable[],
    states: readonly Arena[],
    inPlaceOnly = false,
  ): Pick<UpdateSegment, 'size' | 'parameters' | 'gradients' | 'state' | 'blocks'>[] {
    const byPages = new Map<GPUBuffer, Map<number, Run[]>>();
    for (const run of this.runsOf(variables)) {
      const pages = byPages.get(run.parameters.buffer) ?? new Map<number, Run[]>();
      pages.set(run.state.page, [...(pages.get(run.state.page) ?? []), run]);
      byPages.set(run.parameters.buffer, pages);
    }
    return [...byPages].flatMap(([buffer, pages]) =>
      [...pages].flatMap(([page, all]) =>
        (inPlaceOnly ? all.map((run) => [run]) : [all]).map((runs) => {
          const size = runs.reduce((sum, run) => sum + run.parameters.size, 0) / 4;
          const whole = (of: GPUBuffer) => ({ buffer: of, offset: 0, size: of.size });
          const part = (of: GPUBuffer, offset: number) => ({ buffer: of, offset, size: 4 * size });
          const single = runs.length === 1 ? runs[0] : undefined;
          const tensor = (slice: BufferSlice) => graph.external(slice, [slice.size / 4]);
          const stateOf = ({ pages }: Arena) =>
            tensor(single ? part(pages[page], single.state.offset) : whole(pages[page]));
          return {
            size,
            parameters: tensor(single ? single.parameters : whole(buffer)),
            gradients: stateOf(this.gradients),
            state: states.map(stateOf),
            blocks: single ? undefined : blockTable(graph, runs),
          };
        }),
      ),
    );
  }

  private runsOf(variables: readonly Variable[]): Run[] {
    const runs: Run[] = [];
    for (const variable of this.inMemoryOrder(variables)) {
      const { buffer, offset } = VariableStore.of(this.device).slice(variable);
      const state = this.gradients.layout.positions.get(variable)!;
      const size = paddedBytes(variable);
      const last = runs.at(-1);
      const follows =
        last?.parameters.buffer === buffer &&
        last.parameters.offset + last.parameters.size === offset &&
        last.state.page === state.page &&
        last.state.offset + last.parameters.size === state.offset;
      if (follows) last.parameters.size += size;
      else runs.push({ parameters: { buffer, offset, size }, state });
    }
    return runs;
  }

  private inMemoryOrder(variables: readonly Variable[]): Variable[] {
    const store = VariableStore.of(this.device);
    const buffers: GPUBuffer[] = [];
    const places = variables.map((variable) => {
      const { buffer, offset } = store.slice(variable);
      if (!buffers.includes(buffer)) buffers.push(buffer);
      return { variable, page: buffers.indexOf(buffer), offset };
    });
    places.sort((a, b) => a.page - b.page || a.offset - b.offset);
    return places.map(({ variable }) => variable);
  }
}

/** Parameter block and state block of every block of the runs. */
function blockTable(graph: Graph, runs: readonly Run[]): Tensor {
  const table: number[] = [];
  for (const { parameters, state } of runs) {
    for (let at = 0; at < parameters.size; at += BLOCK_BYTES) {
      table.push((parameters.offset + at) / BLOCK_BYTES, (state.offset + at) / BLOCK_BYTES);
    }
  }
  return graph.constant(Uint32Array.from(table), [table.length / 2, 2]);
}

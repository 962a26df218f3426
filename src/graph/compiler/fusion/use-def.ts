/** Use-def index of the fusion pass: which nodes read and write each storage, kept up to date by rewrites. */
import type { Node, Storage, Tensor } from '../../ir/graph';
import { inputTensors } from '../autodiff';

/** A step of fusion: nodes with what takes their places, and storages that become memory of others. */
export interface Rewrite {
  /** Each node with the one that takes its place; undefined where none does. */
  replace: readonly (readonly [Node, Node | undefined])[];
  alias?: readonly (readonly [Storage, Storage])[];
}

export class UseDef {
  /** Execution order; replaced nodes leave their slot to another node or empty. */
  private readonly slots: (Node | undefined)[];
  private readonly positions = new Map<Node, number>();
  private readonly readersOf = new Map<Storage, Node[]>();
  private readonly writersOf = new Map<Storage, Node[]>();
  private readonly kept: Set<Storage>;

  /** @param kept storages that are read after the run */
  constructor(nodes: readonly Node[], kept: Iterable<Storage>) {
    this.slots = [...nodes];
    this.kept = new Set([...kept].map(({ root }) => root));
    nodes.forEach((node, i) => {
      this.insert(node, i);
    });
  }

  /** The nodes in execution order. */
  get nodes(): Node[] {
    return this.slots.filter((node) => node !== undefined);
  }

  /** Whether the node is still in the graph. */
  has(node: Node): boolean {
    return this.positions.has(node);
  }

  isBefore(first: Node, second: Node): boolean {
    return this.positions.get(first)! < this.positions.get(second)!;
  }

  /** The nodes with kernels that read the tensor's memory, in order. Views are no readers: theirs are. */
  readers({ storage }: Tensor): readonly Node[] {
    return this.readersOf.get(storage.root) ?? [];
  }

  writers({ storage }: Tensor): readonly Node[] {
    return this.writersOf.get(storage.root) ?? [];
  }

  /** Whether others than nodes see the tensor's memory: it is read after the run, or outlives it. */
  isObservable({ storage: { root } }: Tensor): boolean {
    return root.leaf !== undefined || this.kept.has(root);
  }

  /** The only node that ever reads the tensor. */
  onlyReader(tensor: Tensor): Node | undefined {
    const [reader, ...others] = this.readers(tensor);
    return others.length > 0 || this.isObservable(tensor) ? undefined : reader;
  }

  /** Whether a node strictly between two others reads the tensor's memory. */
  isReadBetween(tensor: Tensor, first: Node, last: Node): boolean {
    return this.readers(tensor).some((node) => this.isBefore(first, node) && this.isBefore(node, last));
  }

  /** Whether a node strictly between two others writes the memory of one of the tensors. */
  isWrittenBetween(tensors: readonly Tensor[], first: Node, last: Node): boolean {
    const isBetween = (node: Node) => this.isBefore(first, node) && this.isBefore(node, last);
    return tensors.some((tensor) => this.writers(tensor).some(isBetween));
  }

  apply({ replace, alias = [] }: Rewrite): void {
    const positions = replace.map(([node]) => this.remove(node));
    for (const [from, to] of alias) this.merge(from.root, to.root);
    replace.forEach(([, node], i) => {
      if (node) this.insert(node, positions[i]);
    });
  }

  private insert(node: Node, position: number): void {
    this.slots[position] = node;
    this.positions.set(node, position);
    if (!node.op.lower) return;
    for (const { storage } of inputTensors(node)) this.add(this.readersOf, storage.root, node);
    for (const { storage } of Object.values(node.outputs)) this.add(this.writersOf, storage.root, node);
  }

  private remove(node: Node): number {
    const position = this.positions.get(node)!;
    this.slots[position] = undefined;
    this.positions.delete(node);
    const tensors = [...inputTensors(node), ...Object.values(node.outputs)];
    for (const { storage } of tensors) {
      for (const index of [this.readersOf, this.writersOf]) {
        const nodes = index.get(storage.root) ?? [];
        if (nodes.includes(node))
          index.set(
            storage.root,
            nodes.filter((other) => other !== node),
          );
      }
    }
    return position;
  }

  private merge(from: Storage, to: Storage): void {
    for (const index of [this.readersOf, this.writersOf]) {
      for (const node of index.get(from) ?? []) this.add(index, to, node);
      index.delete(from);
    }
    if (this.kept.has(from)) this.kept.add(to);
    from.alias = to;
  }

  /** Adds a node to a list in execution order, once. */
  private add(index: Map<Storage, Node[]>, storage: Storage, node: Node): void {
    const nodes = index.get(storage);
    if (!nodes) index.set(storage, [node]);
    else if (!nodes.includes(node)) {
      const next = nodes.findIndex((other) => this.isBefore(node, other));
      nodes.splice(next < 0 ? nodes.length : next, 0, node);
    }
  }
}

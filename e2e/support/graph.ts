/** Graphs as text, for tests of compiler passes: one line per node with a kernel. */
import { type Node, type Storage, Tensor } from '../../src/graph/ir/graph';

/**
 * `y += product(x, weight) | add(residual)`: memory goes by the names given, or t0, t1, ... in order of appearance;
 * `+=` marks accumulation (`+name` that into one output of several), the part after the bar the epilogue, a suffix of the
 * op's name its boolean attributes.
 */
export function describeNodes(nodes: readonly Node[], names: Record<string, Tensor>): string[] {
  const known = new Map<Storage, string>();
  for (const [name, { storage }] of Object.entries(names)) {
    if (!known.has(storage.root)) known.set(storage.root, name);
  }
  let count = 0;
  const nameOf = ({ storage: { root } }: Tensor) => {
    if (!known.has(root)) known.set(root, `t${count++}`);
    return known.get(root)!;
  };
  const list = (values: Record<string, Tensor | Tensor[] | undefined>, without?: string) =>
    Object.entries(values)
      .filter(([name]) => name !== without)
      .flatMap(([, value]) => value ?? [])
      .filter((value) => value instanceof Tensor && value.size > 0)
      .map(nameOf)
      .join(', ');
  return nodes
    .filter(({ op }) => op.lower)
    .map(({ op, attrs, inputs, outputs, accumulate, epilogue }) => {
      const flags = ['relu', 'residual'].filter((name) => attrs?.[name]).map((name) => `+${name}`);
      const aux = epilogue?.aux ? nameOf(epilogue.aux) : '';
      const behind = epilogue ? ` | ${epilogue.kind}(${aux})` : '';
      const call = `${op.name}${flags.join('')}(${list(inputs, epilogue && 'aux')})`;
      const written = Object.entries(outputs).filter(([, { size }]) => size > 0);
      const adds = accumulate.size === written.length;
      const results = written.map(
        ([name, tensor]) => (accumulate.has(name) && !adds ? '+' : '') + nameOf(tensor),
      );
      return `${results.join(', ')} ${adds ? '+=' : '='} ${call}${behind}`;
    });
}

/** The forward graph of a step as DOT and as Mermaid: a box per op, in a group per module. */
import { formatShape } from '../../errors';
import { inputTensors } from '../../graph/compiler/autodiff';
import type { Node, Storage } from '../../graph/ir/graph';
import type { NodeOrigin } from './origin';

export interface Diagrams {
  /** For Graphviz. */
  dot: string;
  mermaid: string;
}

interface Box {
  id: string;
  label: string;
  module: string;
}

export function diagramsOf(nodes: readonly Node[], origins: ReadonlyMap<Node, NodeOrigin>): Diagrams {
  const boxes: Box[] = [];
  const edges: { from: string; to: string; label: string }[] = [];
  const writers = new Map<Storage, string>();
  const leaves = new Map<Storage, string>();
  for (const node of nodes) {
    const origin = origins.get(node);
    if (origin?.phase !== 'forward') continue;
    const id = `n${boxes.length}`;
    boxes.push({ id, label: node.op.name, module: origin.module });
    for (const { storage, shape } of new Set(inputTensors(node))) {
      const { root } = storage;
      let from = writers.get(root) ?? leaves.get(root);
      if (!from) {
        if (root.leaf?.kind !== 'variable' && root.leaf?.kind !== 'input') continue;
        from = `n${boxes.length}`;
        const { leaf } = root;
        const label = leaf.kind === 'variable' ? leaf.variable.name || 'parameter' : leaf.name;
        boxes.push({ id: from, label, module: origin.module });
        leaves.set(root, from);
      }
      edges.push({ from, to: id, label: formatShape(shape) });
    }
    for (const { storage } of Object.values(node.outputs)) writers.set(storage.root, id);
  }
  const modules = [...new Set(boxes.map(({ module }) => module))];
  const inModule = (module: string) => boxes.filter((box) => box.module === module);
  const quoted = (text: string) => JSON.stringify(text);
  // A quote ends the text of a box in Mermaid.
  const plain = (text: string) => `"${text.replaceAll('"', '#quot;')}"`;
  const dot = modules.flatMap((module, i) => {
    const lines = inModule(module).map(({ id, label }) => `  ${id} [label=${quoted(label)}];`);
    return module === '' ? lines : [`  subgraph cluster_${i} { label=${quoted(module)};`, ...lines, '  }'];
  });
  const mermaid = modules.flatMap((module, i) => {
    const lines = inModule(module).map(({ id, label }) => `  ${id}[${plain(label)}]`);
    return module === '' ? lines : [`  subgraph m${i}[${plain(module)}]`, ...lines, '  end'];
  });
  return {
    dot: [
      'digraph {',
      '  node [shape=box];',
      ...dot,
      ...edges.map(({ from, to, label }) => `  ${from} -> ${to} [label=${quoted(label)}];`),
      '}',
    ].join('\n'),
    mermaid: [
      'flowchart TD',
      ...mermaid,
      ...edges.map(({ from, to, label }) => `  ${from} -->|${plain(label)}| ${to}`),
    ].join('\n'),
  };
}

/**
 * Operator fusion: rewrites the recorded nodes, forward and backward, so that fewer kernels run. What may be fused is
 * declared by the ops (`Fusion`); a rule looks at one node and its neighbours in the use-def index.
 */
import type { Fusion, Node, Storage } from '../../ir/graph';
import { foldAccumulation } from './accumulation';
import { fuseColumnSums } from './column-sums';
import { fuseEpilogue } from './epilogue';
import { fuseRelu } from './relu';
import { type Rewrite, UseDef } from './use-def';

/** Rewrites a node whose op has the rule's declaration; undefined where it does not apply. */
export type FusionRule = (node: Node, uses: UseDef) => Rewrite | undefined;

/** The rules, by the declaration that a node must have, in the order in which each runs over the whole graph. */
const RULES: readonly [keyof Fusion, FusionRule][] = [
  ['relu', fuseRelu],
  ['withColumnSums', fuseColumnSums],
  ['takesEpilogue', fuseEpilogue],
  ['sumsGradients', foldAccumulation],
];

/**
 * The nodes after fusion; the graph itself stays as it is, except that storages may become aliases.
 * @param kept storages that are read after the run
 */
export function fuse(nodes: readonly Node[], kept: Iterable<Storage>): Node[] {
  const uses = new UseDef(nodes, kept);
  for (const [declaration, rule] of RULES) {
    for (const node of uses.nodes) {
      if (!node.op.fusion?.[declaration] || !uses.has(node)) continue;
      const rewrite = rule(node, uses);
      if (rewrite) uses.apply(rewrite);
    }
  }
  return uses.nodes;
}

/** How each op is called in PyTorch. */
import type { Rules } from './call';
import { elementwiseRules } from './elementwise';
import { layoutRules } from './layout';
import { lossRules } from './losses';
import { reductionRules } from './reductions';
import { spatialRules } from './spatial';

export * from './call';
export const rules: Rules = {
  ...elementwiseRules,
  ...layoutRules,
  ...reductionRules,
  ...spatialRules,
  ...lossRules,
};

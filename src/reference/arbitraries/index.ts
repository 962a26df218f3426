/**
 * Random legal shapes and attributes of every op, for the property tests (`src/ops/properties.gpu.test.ts`). Each is
 * drawn from independent parts that are then made legal together, so that a failing case shrinks to a small one.
 */
import type { Arbitraries } from './common';
import { derived } from './derived';
import { elementwise } from './elementwise';
import { indexing } from './indexing';
import { indexingReduce } from './indexing.reduce';
import { layout } from './layout';
import { loss } from './loss';
import { norm } from './norm';
import { products } from './products';
import { reduce } from './reduce';
import { resample } from './resample';
import { search } from './search';
import { sequence } from './sequence';
import { spatial } from './spatial';
import { statistics } from './statistics';

/** Random cases by canonical op name. */
export const arbitraries: Arbitraries = {
  ...elementwise,
  ...reduce,
  ...products,
  ...spatial,
  ...layout,
  ...indexing,
  ...indexingReduce,
  ...norm,
  ...loss,
  ...sequence,
  ...resample,
  ...search,
  ...derived,
  ...statistics,
};

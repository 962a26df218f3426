/** All reference references of the ops, by canonical op name. */
import { references as activation } from './activation';
import { references as attention } from './attention';
import { references as binary } from './binary';
import { references as conv } from './conv';
import { references as cumulative } from './cumulative';
import { references as derived } from './derived';
import { references as derivedLayout } from './derived.layout';
import { references as derivedSearch } from './derived.search';
import { references as gridSample } from './gridSample';
import { references as indexing } from './indexing';
import { references as indexingReduce } from './indexing.reduce';
import { references as layout } from './layout';
import { references as linear } from './linear';
import { references as loss } from './loss';
import { references as norm } from './norm';
import { references as ordering } from './ordering';
import { references as pool } from './pool';
import { references as recurrent } from './recurrent';
import { references as reduction } from './reduction';
import { references as regularizer } from './regularizer';
import { references as replaced } from './replaced';
import { references as resample } from './resample';
import { references as softmax } from './softmax';
import { clampWithTensors, references as special } from './special';
import { references as statistics } from './statistics';
import type { Reference } from './types';
import { references as unary } from './unary';
import { references as unpool } from './unpool';

/** The float64 reference of every op that has one, with its cases. */
export const references: Record<string, Reference> = {
  ...unary,
  ...binary,
  ...activation,
  ...softmax,
  ...linear,
  ...reduction,
  ...ordering,
  ...cumulative,
  ...conv,
  ...pool,
  ...resample,
  ...gridSample,
  ...norm,
  ...layout,
  ...indexing,
  ...indexingReduce,
  ...attention,
  ...recurrent,
  ...loss,
  ...regularizer,
  ...special,
  clamp: clampWithTensors(unary.clamp),
  ...derived,
  ...derivedLayout,
  ...derivedSearch,
  ...unpool,
  ...statistics,
  ...replaced,
};

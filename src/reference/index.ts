/** All reference twins of the ops, by canonical op name. */
import { references as conv } from './conv';
import { references as pool } from './pool';
import { references as resample } from './resample';
import type { Reference } from './types';

/** The float64 reference of every op that has one, with its cases. */
export const references: Record<string, Reference> = {
  ...conv,
  ...pool,
  ...resample,
};

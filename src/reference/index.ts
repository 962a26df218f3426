/** All reference twins of the ops, by canonical op name. */
import type { Reference } from './types';
import { references as unary } from './unary';

/** The float64 reference of every op that has one, with its cases. */
export const references: Record<string, Reference> = { ...unary };

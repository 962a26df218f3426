/** The float64 references of all losses and metrics, by canonical op name. */

import { references as classification } from './loss.classification';
import { references as ctc } from './loss.ctc';
import { references as elementwise } from './loss.elementwise';
import { references as embedding } from './loss.embedding';
import { references as margins } from './loss.margins';
import type { Reference } from './types';

/** The references of the losses and metrics by canonical name. */
export const references: Record<string, Reference> = {
  ...elementwise,
  ...classification,
  ...embedding,
  ...ctc,
  ...margins,
};

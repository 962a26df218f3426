/** Optimizers and schedules by name. */
import { unknownName } from '../errors';

/** The one of `known` that `type` names, in upper or lower case. @throws GradloomError `argument` for others. */
export function typeNamed<T extends string>(op: string, type: unknown, known: readonly T[]): T {
  const found = known.find((name) => name.toLowerCase() === String(type).toLowerCase());
  if (found === undefined) throw unknownName(op, 'type', type, known);
  return found;
}

/** Names in the state dict: how properties become keys. */

const CAMEL_CASE = /^[a-z][a-zA-Z0-9]*$/;

/** `inProjWeight` is `in_proj_weight` in a state dict; names that are no camel case (`W_q`, `conv1_1`) stay. */
export const stateName = (property: string): string =>
  CAMEL_CASE.test(property) ? property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : property;

/** Path in the state dict of an entry `name` below `path`. */
export const joinPath = (path: string, name: string): string => (path ? `${path}.${name}` : name);

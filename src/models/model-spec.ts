/** The JSON form of models, which src/spec builds. */

/** A model or a layer of one, with PyTorch's class and option names; a bare array is a sequential. */
export type ModelSpec = readonly ModelSpec[] | { type: string; [option: string]: unknown };

/**
 * Schemas of options: which values are accepted and what is filled in, the types of both, and the same as JSON Schema.
 * Names and messages are zod's, of which this is the part that declarations need; zod itself would be a fifth of what a
 * page loads.
 */
export * from './collections';
export * from './scalars';
export { type Issue, type input, type output, Schema } from './schema';

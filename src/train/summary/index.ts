/** Summaries of models. */
export type { MemoryNeeds } from './memory';
export { type LayerSummary, type ModelSummary, type SummaryOptions, summary } from './summary';
export { formatSummary } from './table';

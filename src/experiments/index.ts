/** Several trainings: searches of settings, cross validation, ensembles. */
export {
  type CrossValidation,
  type CrossValidationOptions,
  crossValidate,
  type Spread,
} from './cross-validation';
export {
  type BaggingOptions,
  BoostedEnsemble,
  type BoostingOptions,
  type MemberOptions,
  trainBagging,
  trainBoosting,
} from './ensembles';
export {
  formatTrials,
  type SearchOptions,
  type SearchOutcome,
  type SearchStore,
  type SearchStrategy,
  search,
  type Trial,
  type TrialContext,
  type TrialResult,
} from './search';
export { type SearchRange, type SearchSpace, type Settings, withSettings } from './space';
export { searchTraining, type TrainingSearchOptions } from './training-trials';

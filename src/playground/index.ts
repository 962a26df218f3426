/** `gradloom/playground`: importing it defines `<gradloom-playground>`, which trains in a worker. */
import { definePlayground } from './define';

export type { PlaygroundElement, PlaygroundEvents } from './public';
export type { DataRecipe, Lesson, PlaygroundState, TrainingSettings } from './recipe';

definePlayground(() => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }));

/** Training in a worker: `createWorkerTrainer` on the page, `serveTrainer` in the worker's module. */
export { createWorkerTrainer, WorkerTrainer, type WorkerTrainerOptions } from './client';
export { type ServeOptions, serveTrainer } from './server';

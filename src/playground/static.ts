/**
 * `gradloom-playground.min.js`: one file that is the page's script and, started by itself as a worker, what the worker
 * runs, so that it works from any server without a bundler and under `default-src 'self'`.
 */
import { definePlayground } from './define';
import { serveWorker } from './engine/serve';

if (typeof document === 'undefined') void serveWorker();
else {
  const address = import.meta.url;
  definePlayground(() => new Worker(address, { type: 'module' }));
}

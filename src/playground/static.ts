/**
 * `gradloom-playground.min.js`: one file that is the page's script and, started by itself as a worker, what the worker
 * runs, so that it works from any server without a bundler and under `default-src 'self'`.
 */
// First: it is there when the views are loaded.
import './worker-document';

import { definePlayground } from './define';
import { serveWorker } from './engine/serve';
import { endLoading, isWorker } from './worker-document';

endLoading();
if (isWorker) void serveWorker();
else {
  const address = import.meta.url;
  definePlayground(() => new Worker(address, { type: 'module' }));
}

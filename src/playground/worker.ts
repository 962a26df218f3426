/** The worker in which the playgrounds of a page train. */
import { serveWorker } from './engine/serve';

void serveWorker();

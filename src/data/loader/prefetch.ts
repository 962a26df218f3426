/** Streams that are read ahead and shuffled in a buffer. */
import { GradloomError } from '../../errors';
import type { Random } from '../../random';

/**
 * Reads up to `ahead` items before they are asked for. Ends at once when the signal is aborted, also while the source keeps
 * it waiting.
 */
export async function* readAhead<T>(
  source: AsyncGenerator<T>,
  ahead: number,
  signal?: AbortSignal,
): AsyncGenerator<T> {
  const queue: Promise<IteratorResult<T>>[] = [];
  let stop = () => {};
  const aborted = new Promise<IteratorResult<T>>((resolve) => {
    stop = () => resolve({ done: true, value: undefined });
  });
  if (signal?.aborted) return;
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      while (queue.length <= ahead) {
        const next = source.next();
        next.catch(() => {}); // told when it is its turn
        queue.push(next);
      }
      const result = await Promise.race([queue.shift()!, aborted]);
      if (result.done) return;
      yield result.value;
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    // Closes the source; one that keeps us waiting is not waited for.
    void source.return(undefined).catch(() => {});
  }
}

/** Draws each item at random from a buffer of the next `size`. */
export async function* shuffleBuffer<T>(
  source: AsyncIterable<T>,
  size: number,
  random: Random,
): AsyncGenerator<T> {
  const buffer: T[] = [];
  for await (const item of source) {
    if (buffer.length < size) {
      buffer.push(item);
      continue;
    }
    const at = random.integer(buffer.length);
    const chosen = buffer[at];
    buffer[at] = item;
    yield chosen;
  }
  yield* random.shuffle(buffer);
}

/** An iterator as an async generator, which closes it. */
export async function* itemsOf<T>(iterator: AsyncIterator<T> | Iterator<T>): AsyncGenerator<T> {
  let isDone = false;
  try {
    for (;;) {
      const result = await iterator.next();
      if (typeof result !== 'object' || result === null) {
        throw new GradloomError({
          code: 'data',
          op: 'DataLoader',
          argument: 'source',
          got: `${String(result)} from next()`,
          expected: 'an iterator, whose next() gives { value, done }',
        });
      }
      if (result.done) {
        isDone = true;
        return;
      }
      yield result.value;
    }
  } catch (error) {
    isDone = true;
    throw error;
  } finally {
    if (!isDone) await iterator.return?.();
  }
}

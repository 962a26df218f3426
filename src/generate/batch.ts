/** One batch of prompts on its way: keeps the host's side of the sequences and drives session and searches. */
import type { Continuation, Search } from './search';
import type { DecodeSession } from './session';

/** Prompt lengths are padded to powers of two, so that few plans are compiled. */
const paddedSteps = (length: number) => 2 ** Math.ceil(Math.log2(Math.max(1, length)));

export interface BatchOptions {
  vocabSize: number;
  /** Whether a sequence that has filled all positions goes on from its last half. */
  slide: boolean;
  signal?: AbortSignal;
}

/** Follows all prompts to their end. Prompt p has the sequences `p * width` to `p * width + width - 1`. */
export async function followPrompts(
  session: DecodeSession,
  prompts: readonly (readonly number[])[],
  searches: readonly Search[],
  options: BatchOptions,
): Promise<void> {
  const { rows, capacity } = session.sizes;
  const width = searches[0].width;
  const { vocabSize } = options;
  // Sequences without a prompt of their own, in a batch that is not full, follow the first one.
  let texts = Array.from({ length: rows }, (_, row) => [...(prompts[Math.floor(row / width)] ?? prompts[0])]);
  let sources: Int32Array = ownSources(rows, capacity);
  const active = searches.map(() => true);
  let logits = await prefill(session, texts);
  while (!options.signal?.aborted) {
    const tokens = new Int32Array(rows);
    const parents = Int32Array.from({ length: rows }, (_, row) => row);
    searches.forEach((search, prompt) => {
      if (!active[prompt]) return;
      const first = prompt * width;
      const next = search.advance((i) =>
        logits.subarray((first + i) * vocabSize, (first + i + 1) * vocabSize),
      );
      active[prompt] = next !== undefined;
      if (next) place(next, first, width, tokens, parents);
    });
    if (!active.includes(true)) return;
    const isActive = (row: number) => active[Math.floor(row / width)] === true;
    texts = Array.from(parents, (parent, row) =>
      isActive(row) ? [...texts[parent], tokens[row]] : texts[row],
    );
    if (options.slide && texts.some((text, row) => isActive(row) && text.length > capacity)) {
      const kept = Math.max(1, Math.floor(capacity / 2));
      texts = texts.map((text) => text.slice(-kept));
      sources = ownSources(rows, capacity);
      logits = await prefill(session, texts);
      continue;
    }
    const positions = Int32Array.from(texts, (text, row) => (isActive(row) ? text.length - 1 : -1));
    sources = branch(sources, parents, positions, capacity);
    const lengths = new Int32Array(rows).fill(1);
    logits = await session.step({ steps: 1, tokens, positions, lengths, parents, sources });
  }
}

/** Writes how a search goes on to its rows; rows that it has no sequence for repeat the first. */
function place(
  { tokens, parents }: Continuation,
  first: number,
  width: number,
  allTokens: Int32Array,
  allParents: Int32Array,
): void {
  for (let i = 0; i < width; i++) {
    const from = i < tokens.length ? i : 0;
    allTokens[first + i] = tokens[from];
    allParents[first + i] = first + parents[from];
  }
}

/** Feeds whole texts to a session that has forgotten all before. */
async function prefill(session: DecodeSession, texts: readonly (readonly number[])[]): Promise<Float32Array> {
  const { rows, capacity } = session.sizes;
  const steps = paddedSteps(Math.max(...texts.map((text) => text.length)));
  const tokens = new Int32Array(rows * steps);
  const positions = new Int32Array(rows * steps).fill(-1);
  texts.forEach((text, row) => {
    tokens.set(text, row * steps);
    for (let i = 0; i < text.length; i++) positions[row * steps + i] = i;
  });
  return session.step({
    steps,
    tokens,
    positions,
    lengths: Int32Array.from(texts, (text) => text.length),
    parents: Int32Array.from({ length: rows }, (_, row) => row),
    sources: ownSources(rows, capacity),
  });
}

/** Every sequence has written all its positions itself. */
const ownSources = (rows: number, capacity: number) =>
  Int32Array.from({ length: rows * capacity }, (_, i) => Math.floor(i / capacity));

/**
 * Each sequence takes over where its parent's past lies, and writes its new position itself. Gives back the same array
 * where that changes nothing.
 */
function branch(
  sources: Int32Array,
  parents: Int32Array,
  positions: Int32Array,
  capacity: number,
): Int32Array {
  const changes = (parent: number, row: number) =>
    parent !== row || (positions[row] >= 0 && sources[row * capacity + positions[row]] !== row);
  if (!parents.some(changes)) return sources;
  const next = new Int32Array(sources.length);
  parents.forEach((parent, row) => {
    next.set(sources.subarray(parent * capacity, (parent + 1) * capacity), row * capacity);
    if (positions[row] >= 0) next[row * capacity + positions[row]] = row;
  });
  return next;
}

/** How long it takes to refuse something, in processor time: what other processes do does not count. Node only. */

/** The error that `work` throws, and the milliseconds of the quickest of three tries: compiling and collecting are no part of it. */
export function refusal(work: () => unknown): { error: unknown; milliseconds: number } {
  let error: unknown;
  let milliseconds = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) {
    const before = process.cpuUsage();
    try {
      work();
    } catch (caught) {
      error = caught;
    }
    const { user, system } = process.cpuUsage(before);
    milliseconds = Math.min(milliseconds, (user + system) / 1000);
  }
  return { error, milliseconds };
}

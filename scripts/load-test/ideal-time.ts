import type { Visit } from './observer.ts';

/**
 * When the last sale would have been made in a room that loses no time: each visit takes the slot that is
 * free first, in the order in which people were called, and keeps it for its planned time alone.
 *
 * @returns performance.now() time of that sale; undefined when nothing was sold
 */
export function idealLastSaleMs(visits: readonly Visit[], slots: number): number | undefined {
  const ordered = [...visits].sort((a, b) => a.calledAtMs - b.calledAtMs);
  // When each slot is free, the first at the front.
  const free: number[] = Array.from({ length: slots }, () => Number.NEGATIVE_INFINITY);
  let last: number | undefined;
  for (const visit of ordered) {
    const freeAtMs = free.shift() ?? 0;
    const endMs = Math.max(freeAtMs, visit.enteredAtMs) + visit.plannedMs;
    free.splice(indexFor(free, endMs), 0, endMs);
    if (visit.soldAtMs !== undefined) last = Math.max(last ?? 0, endMs);
  }
  return last;
}

/** Where a value belongs in a sorted list. */
function indexFor(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

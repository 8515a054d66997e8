/** How old a map may be, as the API promises. */
const MAP_AGE_MAX_MS = 1_000;

/**
 * After how many ms to ask for the seat map again: when the one shown is a second old, for until then nobody has
 * read a newer one.
 *
 * What is shown is so never older than a second, the time on the way, and the time of one read. For let a change
 * happen at c. A map without it was read before c, and is asked for again a second after its reading, before
 * c + 1 s. The answer shows the change or was read before c as well, and then the same holds for it. This needs no
 * common phase: another API process behind the same address may have read at another moment.
 *
 * @param nextMapInMs the answer's header; without it (a proxy took it away) the age of the map is unknown, and what
 * is shown may be two seconds old
 */
export function nextLookMs(nextMapInMs: string | null): number {
  const dueMs = Number(nextMapInMs);
  return dueMs > 0 ? Math.min(dueMs, MAP_AGE_MAX_MS) : MAP_AGE_MAX_MS;
}

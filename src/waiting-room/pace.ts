/**
 * Server-paced polling: the nearer to the front, the more often, and all together no more than the room's
 * poll budget. Everybody is asked to come back within a quarter of the grace, so that obeying always keeps
 * the place.
 */

const POLL_AFTER_MIN_MS = 1_000;
/** Who is active has nothing to wait for; a rare look tells the page about the slot's end. */
const POLL_AFTER_ACTIVE_MS = 5_000;
/** A poll is told to come between (1 - JITTER) and (1 + JITTER) times its interval. */
const JITTER = 0.1;
/** So long it takes at most until the next look of who is at the front, seconds. */
export const FRONT_POLL_SECONDS = (POLL_AFTER_MIN_MS * (1 + JITTER)) / 1_000;
/** Steepest pace: 10 places further back is never more than a second more. */
const MS_PER_PLACE_MAX = 100;
const BISECTION_STEPS = 40;

/** The longest answer a poll can get, ms: a quarter of the grace. */
export function pollAfterMaxMs(graceMs: number): number {
  return Math.max(POLL_AFTER_MIN_MS, Math.floor(graceMs / 4));
}

/** The shortest claim window that everybody called can keep, ms: the longest poll interval and 5 s. */
export function claimWindowMinMs(graceMs: number): number {
  return pollAfterMaxMs(graceMs) + 5_000;
}

/**
 * How long the person at `position` (1 is the front) should wait before the next poll, in ms with jitter.
 *
 * @param msPerPlace from `solvePace`
 * @param random 0 to below 1
 */
export function pollAfterMs(
  position: number,
  pace: { msPerPlace: number; graceMs: number },
  random: number,
): number {
  const interval = Math.max(POLL_AFTER_MIN_MS, pace.msPerPlace * position);
  const jittered = interval * (1 - JITTER + 2 * JITTER * random);
  return Math.round(Math.min(jittered, pollAfterMaxMs(pace.graceMs)));
}

/** As `pollAfterMs`, for who has a slot. */
export function pollAfterActiveMs(graceMs: number, random: number): number {
  const interval = POLL_AFTER_ACTIVE_MS * (1 - JITTER + 2 * JITTER * random);
  return Math.round(Math.min(interval, pollAfterMaxMs(graceMs)));
}

/**
 * Finds the interval per place at which `waiting` people poll `budget` times a second: the interval at
 * position p is clamp(a·p, 1 s, quarter of the grace), so the load is
 * ∫ 1/interval = p1 + ln(p2/p1)/a + (n − p2)/cap, which falls as `a` grows: bisection finds `a`.
 *
 * @returns ms per place, 0 to MS_PER_PLACE_MAX; the maximum when even that asks for more than the budget
 */
export function solvePace(waiting: number, budget: number, graceMs: number): number {
  if (waiting <= budget) return 0;
  let low = 0;
  let high = MS_PER_PLACE_MAX;
  for (let step = 0; step < BISECTION_STEPS; step += 1) {
    const middle = (low + high) / 2;
    if (pollsPerSecond(waiting, middle, graceMs) > budget) low = middle;
    else high = middle;
  }
  return high;
}

/** Polls per second that `waiting` obedient people cause at `msPerPlace`. */
export function pollsPerSecond(waiting: number, msPerPlace: number, graceMs: number): number {
  const cap = pollAfterMaxMs(graceMs);
  if (msPerPlace <= 0) return (waiting * 1_000) / POLL_AFTER_MIN_MS;
  const nearest = Math.min(waiting, POLL_AFTER_MIN_MS / msPerPlace);
  const middle = Math.max(nearest, Math.min(waiting, cap / msPerPlace));
  const far = waiting - middle;
  // Jitter that would pass the cap is cut off there, which shortens the mean by a quarter of its width.
  const capMean = cap * (1 - JITTER / 4);
  return (
    (nearest * 1_000) / POLL_AFTER_MIN_MS +
    (1_000 / msPerPlace) * Math.log(middle / nearest) +
    (far * 1_000) / capMean
  );
}

import type { SeenPlace } from './observer.ts';

/** A place that was called, from the record and from what its buyer saw; times are ms since 1970. */
export interface CalledPlace {
  seq: number;
  calledAtMs: number;
  /** When the buyer saw the slot; undefined when nobody came. */
  claimedAtMs: number | undefined;
  /** When the place ended; undefined while it has not. */
  endedAtMs: number | undefined;
  claimMs: number;
  /** The longest the server can have gone without a sight of the buyer before the call. */
  pauseMaxMs: number;
}

export interface Interval {
  seq: number;
  fromMs: number;
  toMs: number;
}

/** Joins the recorded calls and ends with what the buyers saw. */
export function called(options: {
  calls: readonly { customerId: number; seq: number; atMs: number }[];
  /** By `customer:seq`. */
  ends: ReadonlyMap<string, number>;
  places: readonly SeenPlace[];
  claimMs: number;
}): CalledPlace[] {
  const seen = new Map<number, SeenPlace>();
  for (const place of options.places) {
    const before = seen.get(place.seq);
    // Who entered again sees the same place twice: the later sight knows of the call, both of the absence.
    if (before) place.pauseMaxMs = Math.max(place.pauseMaxMs, before.pauseMaxMs);
    seen.set(place.seq, place);
  }
  return options.calls.map(({ customerId, seq, atMs }) => {
    const place = seen.get(seq);
    const claimed = place?.activeAtMs;
    return {
      seq,
      calledAtMs: atMs,
      claimedAtMs: claimed === undefined ? undefined : claimed + performance.timeOrigin,
      endedAtMs: options.ends.get(`${customerId}:${seq}`),
      claimMs: options.claimMs,
      // Nobody saw it: nobody can say that its buyer was there.
      pauseMaxMs: place?.pauseMaxMs ?? Number.POSITIVE_INFINITY,
    };
  });
}

/**
 * From when to when each place held a slot. Who did not come within the claim window lost it then, and has
 * another one from when it was seen.
 */
export function slotsHeld(places: readonly CalledPlace[]): Interval[] {
  return places.flatMap((place) => {
    const { seq, calledAtMs: fromMs, claimedAtMs, claimMs } = place;
    const endMs = place.endedAtMs ?? Number.POSITIVE_INFINITY;
    const lapseMs = fromMs + claimMs;
    if (claimedAtMs !== undefined && claimedAtMs <= lapseMs) return [{ seq, fromMs, toMs: endMs }];
    const lapsed = { seq, fromMs, toMs: Math.min(endMs, lapseMs) };
    return claimedAtMs === undefined
      ? [lapsed]
      : [lapsed, { seq, fromMs: claimedAtMs, toMs: endMs }];
  });
}

/** The most intervals that hold at one moment; one that ends as another begins makes room for it. */
export function peakOf(intervals: readonly Interval[]): number {
  const steps = intervals
    .flatMap(({ fromMs, toMs }) => [
      { atMs: fromMs, by: 1 },
      { atMs: toMs, by: -1 },
    ])
    .sort((a, b) => a.atMs - b.atMs || a.by - b.by);
  let now = 0;
  let most = 0;
  for (const { by } of steps) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

/**
 * People who were called after somebody who came later, though they were present.
 *
 * @param presentWithinMs who the server may not have seen for longer may have been away
 */
export function countInversions(places: readonly CalledPlace[], presentWithinMs: number): number {
  const ordered = [...places].sort((a, b) => a.calledAtMs - b.calledAtMs);
  let inversions = 0;
  let latestBefore = 0;
  let latestNow = 0;
  let nowMs = Number.NEGATIVE_INFINITY;
  for (const { seq, calledAtMs, pauseMaxMs } of ordered) {
    // Those of one call of the script were let in together.
    if (calledAtMs > nowMs) {
      latestBefore = Math.max(latestBefore, latestNow);
      nowMs = calledAtMs;
    }
    if (seq < latestBefore && pauseMaxMs <= presentWithinMs) inversions += 1;
    latestNow = Math.max(latestNow, seq);
  }
  return inversions;
}

/**
 * Honest waits: from how fast slots were really given back and how many people really gave up, never from
 * configured times.
 *
 * Slots: over a window, completions / ∫active dt is the rate at which one slot comes free (the maximum
 * likelihood estimate for censored lifetimes: slots still running count with the time they ran), times the
 * capacity. People who give up shorten the line before you in the same way: departures / ∫waiting dt.
 */

/** The room's counters at one moment. */
export interface FlowSample {
  atMs: number;
  active: number;
  waiting: number;
  /** Running totals since the room's flow was first counted. */
  admitted: number;
  entered: number;
}

/** What was measured over the window. */
export interface Flow {
  /** Slots given back per second by one occupied slot. */
  finishPerSlotSecond: number;
  /** Share of the waiting who give up each second. */
  leavePerSecond: number;
  /** Slots given back within the window: what the estimate rests on. */
  finished: number;
}

/** With fewer slots given back than this, or than most of the slots there are, nothing honest can be said. */
const FINISHED_MIN = 10;
const FINISHED_OF_CAPACITY_MIN = 0.8;
/**
 * Variance of shopping times over their squared mean: 1 would make slots come free like Poisson arrivals.
 * This and the next are chosen so that p90 covers about nine waits of ten in simulated sales: steady,
 * ramping, in waves, and short ones in which everybody comes at once.
 */
const SHOPPING_DISPERSION = 0.2;
/**
 * What a window cannot know, in turns of all slots: slots are seen in part at its ends, who closes the tab has
 * given nothing back yet, and those who come later find fewer seats and take longer. It weighs less the more
 * turns were measured, and the less a promise reaches beyond them.
 */
const UNSEEN_TURNS = 0.52;
/** The 90th percentile of the normal distribution. */
const Z_90 = 1.2816;

/** Sums up samples, oldest first; undefined when they span no time. */
export function measureFlow(samples: readonly FlowSample[]): Flow | undefined {
  let activeSeconds = 0;
  let waitingSeconds = 0;
  for (let index = 1; index < samples.length; index += 1) {
    const from = samples[index - 1];
    const to = samples[index];
    if (!from || !to) continue;
    const seconds = Math.max(0, to.atMs - from.atMs) / 1_000;
    activeSeconds += ((from.active + to.active) / 2) * seconds;
    waitingSeconds += ((from.waiting + to.waiting) / 2) * seconds;
  }
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || activeSeconds <= 0) return undefined;
  const admitted = last.admitted - first.admitted;
  const finished = Math.max(0, admitted - (last.active - first.active));
  // Admitted without waiting counts as entered and admitted, so it cancels out.
  const left = Math.max(
    0,
    last.entered - first.entered - admitted - (last.waiting - first.waiting),
  );
  return {
    finishPerSlotSecond: finished / activeSeconds,
    leavePerSecond: waitingSeconds > 0 ? left / waitingSeconds : 0,
    finished,
  };
}

/** What the wait depends on besides the flow. */
export interface WaitLimits {
  capacity: number;
  active: number;
  /** null: no limit but the capacity. */
  admitPerMinute: number | null;
  /** The capacity under which the flow was measured, where another is only tried out. */
  measuredCapacity?: number;
}

/**
 * Seconds until the person at `position` (1 is the front) is called; undefined while nothing honest can be
 * said.
 *
 * With λ calls a second and a share θ of the line giving up each second, the line before you shrinks by
 * dn/dt = −λ − θn, which is gone after ln(1 + nθ/λ)/θ. Its spread: n counted events, the estimate's own
 * error from `finished` events, and what those could not show of what lies beyond them.
 */
export function waitSeconds(
  position: number,
  flow: Flow,
  limits: WaitLimits,
): { p50: number; p90: number } | undefined {
  const { measuredCapacity = limits.capacity } = limits;
  const needed = Math.max(FINISHED_MIN, FINISHED_OF_CAPACITY_MIN * measuredCapacity);
  if (flow.finished < needed) return undefined;
  const admitPerSecondMax = (limits.admitPerMinute ?? Number.POSITIVE_INFINITY) / 60;
  const perSecond = Math.min(flow.finishPerSlotSecond * limits.capacity, admitPerSecondMax);
  if (perSecond <= 0) return undefined;
  // Free slots are given first; a capacity lowered below the active count has to be met first.
  const people = Math.max(1, position + limits.active - limits.capacity);
  const theta = flow.leavePerSecond;
  const p50 = theta > 0 ? Math.log1p((people * theta) / perSecond) / theta : people / perSecond;
  const counted = SHOPPING_DISPERSION * (1 / people + 1 / flow.finished);
  const beyond = people / (people + flow.finished);
  const unseen = (UNSEEN_TURNS * beyond * measuredCapacity) / flow.finished;
  return { p50, p90: p50 * (1 + Z_90 * Math.hypot(Math.sqrt(counted), unseen)) };
}

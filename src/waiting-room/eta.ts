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
  active: number;
  waiting: number;
  capacity: number;
  /** Running totals since the room's flow was first counted. */
  admitted: number;
  entered: number;
  /** Since measuring began, or began anew: time in slots and in line, slots given back. */
  activeSeconds: number;
  waitingSeconds: number;
  finished: number;
}

/** What was measured over the window. */
export interface Flow {
  /** Slots given back per second by one occupied slot. */
  finishPerSlotSecond: number;
  /** Share of the waiting who give up each second. */
  leavePerSecond: number;
  /** Slots given back within the window: what the estimate rests on. */
  finished: number;
  /** Slots given back since measuring began. */
  finishedInAll: number;
}

/** With fewer slots given back than this, or than most of the slots there are, nothing honest can be said. */
const FINISHED_MIN = 10;
const FINISHED_OF_CAPACITY_MIN = 0.8;
/**
 * The window is as long as all slots take to be given back this many times: the pace of a sale changes as closed
 * tabs keep slots until their end and seats get scarce, and what is long past says little of it. In a small room it
 * is as long as this many slots take.
 */
const WINDOW_TURNS = 1.5;
const WINDOW_FINISHED_MIN = 20;
/** Variance of shopping times over their squared mean: 1 would make slots come free like Poisson arrivals. */
const SHOPPING_DISPERSION = 0.4;
/**
 * Of slots that are taken anew, all from their beginning, so many fewer than time / mean are given back: in a
 * renewal process that begins with an event, E[N(t)] → t/μ − (1 − σ²/μ²)/2 (Cox, Renewal Theory, 1962).
 */
const FRESH_SLOT = (1 - SHOPPING_DISPERSION) / 2;
/**
 * What no promise can know of what lies ahead, a standard error as a share of the wait: closed tabs keep slots that
 * nobody has seen the end of, and when seats get scarce, people take up to twice as long. It weighs most on what is
 * promised after these turns of the slots; a room that has seen many has seen it. Fitted, with the window and the
 * dispersion, to the waits of real short sales (`npm run bench -- eta`); simulated ones of every length hold it. It is
 * too little where seats are gone within three turns: of such real sales one wait in two is kept.
 */
const UNSEEN = 0.3;
const UNSEEN_TURNS = 2;
/** The 90th percentile of the normal distribution. */
const Z_90 = 1.2816;

/** Sums up samples, oldest first; undefined when they span no time. */
export function measureFlow(samples: readonly FlowSample[]): Flow | undefined {
  const to = samples.at(-1);
  const from = to && windowStart(samples, to);
  if (!from || to.activeSeconds <= from.activeSeconds) return undefined;
  const admitted = to.admitted - from.admitted;
  const fresh = FRESH_SLOT * Math.max(0, to.active - from.active);
  const finished = to.finished - from.finished;
  // Admitted without waiting counts as entered and admitted, so it cancels out.
  const left = Math.max(0, to.entered - from.entered - admitted - (to.waiting - from.waiting));
  const waitingSeconds = to.waitingSeconds - from.waitingSeconds;
  return {
    finishPerSlotSecond: (finished + fresh) / (to.activeSeconds - from.activeSeconds),
    leavePerSecond: waitingSeconds > 0 ? left / waitingSeconds : 0,
    finished,
    finishedInAll: to.finished,
  };
}

/** Where the last turns began, between two samples; or where measuring did. */
function windowStart(samples: readonly FlowSample[], to: FlowSample): FlowSample {
  const finishedFrom = to.finished - Math.max(WINDOW_FINISHED_MIN, WINDOW_TURNS * to.capacity);
  let after = to;
  for (let index = samples.length - 2; index >= 0; index -= 1) {
    const before = samples[index];
    // The sums began anew after it.
    if (!before || before.activeSeconds > after.activeSeconds) break;
    if (before.finished <= finishedFrom) return between(before, after, finishedFrom);
    after = before;
  }
  return after;
}

/** As if everything had grown evenly from one sample to the next. */
function between(before: FlowSample, after: FlowSample, finished: number): FlowSample {
  const grown = after.finished - before.finished;
  const share = grown > 0 ? (finished - before.finished) / grown : 0;
  const at = (field: keyof FlowSample): number =>
    before[field] + share * (after[field] - before[field]);
  return {
    active: at('active'),
    waiting: at('waiting'),
    capacity: before.capacity,
    admitted: at('admitted'),
    entered: at('entered'),
    activeSeconds: at('activeSeconds'),
    waitingSeconds: at('waitingSeconds'),
    finished: at('finished'),
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
 * error from `finished` events, and what the turns so far could not show of those to come.
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
  const turns = flow.finishedInAll / measuredCapacity / UNSEEN_TURNS;
  const unseen = UNSEEN * turns * Math.exp(1 - turns);
  return { p50, p90: p50 * (1 + Z_90 * Math.hypot(Math.sqrt(counted), unseen)) };
}

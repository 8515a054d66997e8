import { type FlowSample, measureFlow } from '../../src/waiting-room/eta.ts';
import { FRONT_POLL_SECONDS } from '../../src/waiting-room/pace.ts';
import { estimateWait, type RoomNow } from '../../src/waiting-room/places.ts';
import { percentile } from '../../src/waiting-room/slot-idle.ts';

/** A repeatable stream of numbers from 0 to below 1 (mulberry32). */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A sale as the estimator's tests play it. */
export interface Sale {
  capacity: number;
  meanSeconds: number;
  /** People arriving per second at this moment. */
  arrivals: (seconds: number) => number;
  /** Share of the line that gives up each second. */
  giveUp: number;
  /** Nobody is called from and until these seconds. */
  paused?: [from: number, until: number];
  /** From this second on the operator's capacity is another. */
  changed?: { at: number; capacity: number };
  durationSeconds?: number;
  /** Share that closes the tab, and how long the slot is theirs all the same. */
  vanish?: { share: number; seconds: number };
  /** Once so many have been called, few seats are left: shopping takes this many times longer. */
  scarce?: { called: number; times: number };
}

const STEP = 0.5;
/** Measured each second, kept each fifth. */
const MEASURE_SECONDS = 1;
const SAMPLE_SECONDS = 5;
const DURATION_SECONDS = 3_600;
const SAMPLES_MAX = 120;

/** An open room with all that an estimate asks of it. */
export function roomNow(room: Pick<RoomNow, 'capacity' | 'active' | 'flow'>): RoomNow {
  return {
    nowMs: 0,
    state: 'OPEN',
    graceMs: 120_000,
    slotMs: 600_000,
    pollBudget: 2_000,
    opensAtMs: 0,
    admitPerMinute: null,
    recovering: false,
    waiting: 0,
    returning: 0,
    admittedLastMinute: 0,
    ...room,
  };
}

/**
 * Runs a sale in simulated time with the real estimator, and compares each wait, until the browser hears of its end,
 * with what was promised first.
 */
function simulate(sale: Sale, seed: number): { promised: number[]; p90: number[]; real: number[] } {
  const random = randoms(seed);
  const { durationSeconds = DURATION_SECONDS, vanish, scarce } = sale;
  let admitted = 0;
  const shopping = (): number => {
    if (vanish && random() < vanish.share) return vanish.seconds;
    const mean = sale.meanSeconds * (scarce && admitted > scarce.called ? scarce.times : 1);
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.min(600, mean * Math.exp(0.55 * normal - 0.15));
  };
  // `at` is when the wait was promised, at the door or as soon as anything can be said.
  let line: { at: number; promise: { p50: number; p90: number } | undefined }[] = [];
  let active: number[] = [];
  const samples: FlowSample[] = [];
  const result = { promised: [] as number[], p90: [] as number[], real: [] as number[] };
  const [pausedFrom, pausedUntil] = sale.paused ?? [durationSeconds, durationSeconds];
  const pausedBetween = (from: number, until: number): number =>
    Math.max(0, Math.min(until, pausedUntil) - Math.max(from, pausedFrom));
  const spansChange = (from: number, until: number): boolean =>
    sale.changed !== undefined && from < sale.changed.at && until >= sale.changed.at;
  let flow: RoomNow['flow'];
  let entered = 0;
  let due = 0;
  let activeSeconds = 0;
  let waitingSeconds = 0;
  for (let now = 0; now < durationSeconds; now += STEP) {
    active = active.filter((end) => end > now);
    const capacity = sale.changed && now >= sale.changed.at ? sale.changed.capacity : sale.capacity;
    const paused = now >= pausedFrom && now < pausedUntil;
    for (due += sale.arrivals(now) * STEP; due >= 1; due -= 1) {
      entered += 1;
      line.push({ at: now, promise: undefined });
    }
    // During a pause nothing is promised.
    if (flow && !paused) {
      const room = roomNow({ capacity, active: active.length, flow });
      for (let nth = line.length - 1; nth >= 0 && !line[nth]?.promise; nth -= 1) {
        const promise = estimateWait(nth + 1, room);
        line[nth] = { at: now, promise: typeof promise === 'string' ? undefined : promise };
      }
    }
    while (!paused && active.length < capacity && line.length > 0) {
      const next = line.shift();
      admitted += 1;
      active.push(now + shopping());
      if (!next?.promise || now - next.at < 1 || spansChange(next.at, now)) continue;
      result.promised.push(next.promise.p50);
      result.p90.push(next.promise.p90);
      // Net of the pause, of which nobody could know.
      const waited = now - next.at - pausedBetween(next.at, now);
      result.real.push(waited + random() * FRONT_POLL_SECONDS);
    }
    activeSeconds += active.length * STEP;
    waitingSeconds += line.length * STEP;
    if (now % SAMPLE_SECONDS === 0)
      line = line.filter(() => random() > sale.giveUp * SAMPLE_SECONDS);
    if (now % MEASURE_SECONDS > 0) continue;
    const present = {
      active: active.length,
      waiting: line.length,
      capacity,
      admitted,
      entered,
      activeSeconds,
      waitingSeconds,
      finished: admitted - active.length,
    };
    flow = measureFlow([...samples, present]);
    if (now % SAMPLE_SECONDS === 0) samples.push(present);
    if (samples.length > SAMPLES_MAX) samples.shift();
  }
  return result;
}

/** What was promised in all these sales against what came: shares of the waits. */
export function score(sales: readonly (readonly [Sale, seed: number])[]): {
  waits: number;
  covered: number;
  medianError: number | null;
} {
  const errors: number[] = [];
  let covered = 0;
  for (const [sale, seed] of sales) {
    const { promised, p90, real } = simulate(sale, seed);
    real.forEach((seconds, nth) => {
      if (seconds <= (p90[nth] ?? 0)) covered += 1;
      errors.push(Math.abs(seconds - (promised[nth] ?? 0)) / seconds);
    });
  }
  return {
    waits: errors.length,
    covered: covered / errors.length,
    medianError: percentile(errors, 0.5),
  };
}

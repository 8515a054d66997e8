import {
  type Flow,
  type FlowSample,
  measureFlow,
  waitSeconds,
} from '../../src/waiting-room/eta.ts';
import { percentile, slotIdleMs } from '../../src/waiting-room/slot-idle.ts';

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

interface Sale {
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

/** Runs a sale in simulated time with the real estimator, and compares each wait with what was promised first. */
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
  let flow: Flow | undefined;
  let entered = 0;
  let due = 0;
  let activeSeconds = 0;
  let waitingSeconds = 0;
  for (let now = 0; now < durationSeconds; now += STEP) {
    active = active.filter((end) => end > now);
    const capacity = sale.changed && now >= sale.changed.at ? sale.changed.capacity : sale.capacity;
    const limits = { capacity, active: active.length, admitPerMinute: null };
    const paused = now >= pausedFrom && now < pausedUntil;
    for (due += sale.arrivals(now) * STEP; due >= 1; due -= 1) {
      entered += 1;
      line.push({ at: now, promise: undefined });
    }
    // During a pause nothing is promised.
    if (flow && !paused) {
      for (let nth = line.length - 1; nth >= 0 && !line[nth]?.promise; nth -= 1)
        line[nth] = { at: now, promise: waitSeconds(nth + 1, flow, limits) };
    }
    while (!paused && active.length < capacity && line.length > 0) {
      const next = line.shift();
      admitted += 1;
      active.push(now + shopping());
      if (!next?.promise || now - next.at < 1 || spansChange(next.at, now)) continue;
      result.promised.push(next.promise.p50);
      result.p90.push(next.promise.p90);
      // Net of the pause, of which nobody could know.
      result.real.push(now - next.at - pausedBetween(next.at, now));
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
function score(sales: readonly (readonly [Sale, seed: number])[]): {
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

type Operator = Pick<Sale, 'paused' | 'changed'>;
const steady = (rate: number) => () => 1.3 * rate;
const shapes: [string, (rate: number) => Sale['arrivals'], (capacity: number) => Operator][] = [
  ['steady', steady, () => ({})],
  ['ramping', (rate) => (seconds) => Math.min(2.5, seconds / 1_500) * rate, () => ({})],
  ['wave', (rate) => (seconds) => (1.2 + 1.1 * Math.sin(seconds / 400)) * rate, () => ({})],
  ['paused', steady, () => ({ paused: [1_800, 2_000] })],
  ['widened', steady, (capacity) => ({ changed: { at: 1_800, capacity: capacity * 1.5 } })],
  ['narrowed', steady, (capacity) => ({ changed: { at: 1_800, capacity: capacity * 0.8 } })],
];

describe('the ETA', () => {
  it.each(shapes)(
    'covers about nine waits of ten, and errs little, in a %s sale',
    (_, arrivals, operator) => {
      const sales: [Sale, seed: number][] = [];
      for (const [capacity, meanSeconds] of [
        [20, 60],
        [100, 120],
      ] as const) {
        for (const giveUp of [0, 0.0005]) {
          for (let seed = 1; seed <= 3; seed += 1) {
            const rate = capacity / meanSeconds;
            const sale = {
              capacity,
              meanSeconds,
              giveUp,
              arrivals: arrivals(rate),
              ...operator(capacity),
            };
            sales.push([sale, seed]);
          }
        }
      }
      const { waits, covered, medianError } = score(sales);
      expect(waits).toBeGreaterThan(10_000);
      expect(covered).toBeGreaterThan(0.85);
      expect(covered).toBeLessThan(0.95);
      expect(medianError).toBeLessThan(0.2);
    },
  );

  it('covers about nine waits of ten in short sales to which everybody comes at once', () => {
    // Of each such sale nearly all is promised by one measurement, of the first shoppers: many sales.
    const sale: Sale = {
      capacity: 100,
      meanSeconds: 8,
      giveUp: 0.0005,
      arrivals: (seconds) => (seconds < 20 ? 150 * Math.exp(-seconds / 5) : 0),
      durationSeconds: 80,
      vanish: { share: 0.025, seconds: 60 },
      scarce: { called: 250, times: 1.7 },
    };
    const { waits, covered, medianError } = score(
      Array.from({ length: 40 }, (_, seed) => [sale, seed + 1]),
    );
    expect(waits).toBeGreaterThan(5_000);
    expect(covered).toBeGreaterThan(0.85);
    expect(covered).toBeLessThan(0.95);
    expect(medianError).toBeLessThan(0.2);
  });

  it('rests on the last turns of the slots, and forgets what was before a gap', () => {
    const sample = (activeSeconds: number, finished: number, capacity = 20) => {
      const held = { active: 20, waiting: 50, capacity, waitingSeconds: activeSeconds * 5 };
      return { ...held, admitted: finished + 20, entered: 500, activeSeconds, finished };
    };
    // Of the last 30 slots, 10 lie within the quick turn that the slow one followed.
    const slowing = [sample(0, 0), sample(200, 20), sample(600, 40)];
    expect(measureFlow(slowing)).toMatchObject({ finished: 30, finishedInAll: 40 });
    expect(measureFlow(slowing)?.finishPerSlotSecond).toBeCloseTo(30 / 500);
    const begunAnew = [sample(4_000, 900), sample(9_000, 999), sample(0, 0), sample(200, 20)];
    expect(measureFlow(begunAnew)?.finishPerSlotSecond).toBeCloseTo(20 / 200);
    expect(measureFlow([sample(4_000, 900), sample(0, 0)])).toBeUndefined();
    // Of two slots, a turn and a half would be too few to say anything.
    const small = measureFlow([sample(0, 0, 2), sample(200, 20, 2), sample(600, 40, 2)]);
    expect(small?.finished).toBe(20);
  });

  it('knows that shoppers who all began at once are not done evenly', () => {
    const empty = { active: 0, waiting: 0, admitted: 0, activeSeconds: 0, waitingSeconds: 0 };
    const from = { ...empty, capacity: 100, entered: 0, finished: 0 };
    const to = { ...from, active: 100, waiting: 300, admitted: 170, entered: 470, finished: 70 };
    // After the mean shopping time of 60 s, a mean of 70 of 100 slots was given back, and 100 are to come each minute.
    const flow = measureFlow([from, { ...to, activeSeconds: 6_000, waitingSeconds: 18_000 }]);
    expect(flow?.finishPerSlotSecond).toBeCloseTo(1 / 60);
  });

  it('says nothing before most slots have been given back once', () => {
    const flow = { finishPerSlotSecond: 0.01, leavePerSecond: 0, finished: 50, finishedInAll: 50 };
    const limits = { capacity: 100, active: 100, admitPerMinute: null };
    expect(waitSeconds(1, flow, limits)).toBeUndefined();
    expect(waitSeconds(1, { ...flow, finished: 80, finishedInAll: 80 }, limits)).toBeDefined();
  });

  it('obeys the rate limit and free slots', () => {
    const counted = { finished: 1_000, finishedInAll: 1_000 };
    const flow = { finishPerSlotSecond: 0.01, leavePerSecond: 0, ...counted };
    const slow = waitSeconds(60, flow, { capacity: 100, active: 100, admitPerMinute: 6 });
    expect(slow?.p50).toBeCloseTo(600);
    const free = waitSeconds(60, flow, { capacity: 100, active: 50, admitPerMinute: null });
    expect(free?.p50).toBeCloseTo(10);
  });
});

describe('slot idle time', () => {
  it('counts from when a slot came free while somebody waited for it', () => {
    const idle = slotIdleMs([
      { kind: 'freed', atMs: 1_000, enteredMs: 0 },
      { kind: 'called', atMs: 1_040, enteredMs: 500 },
      { kind: 'freed', atMs: 2_000, enteredMs: 0 },
      { kind: 'called', atMs: 9_000, enteredMs: 8_990 },
      { kind: 'called', atMs: 9_500, enteredMs: 9_400 },
    ]);
    expect(idle).toEqual([40, 10]);
  });
});

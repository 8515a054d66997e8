import { measureFlow, waitSeconds } from '../../src/waiting-room/eta.ts';
import { estimateWait } from '../../src/waiting-room/places.ts';
import { slotIdleMs } from '../../src/waiting-room/slot-idle.ts';
import { roomNow, type Sale, score } from '../support/simulated-sale.ts';

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
    const sale: Sale = {
      capacity: 100,
      meanSeconds: 8,
      giveUp: 0.0005,
      arrivals: (seconds) => (seconds < 20 ? 150 * Math.exp(-seconds / 5) : 0),
      durationSeconds: 80,
      vanish: { share: 0.025, seconds: 60 },
      scarce: { called: 250, times: 1.7 },
    };
    // Of each such sale nearly all is promised by one measurement, of the first shoppers: many sales.
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

  it('foretells a short wait no more exactly than a browser comes to hear of it', () => {
    const counted = { finished: 1_000, finishedInAll: 100_000 };
    const flow = { finishPerSlotSecond: 0.05, leavePerSecond: 0, ...counted };
    const room = roomNow({ capacity: 100, active: 100, flow });
    expect(estimateWait(10, room)).toEqual({ p50: 2, p90: 5 });
    // Of longer waits the spread is their own: 1.28 times the root of 0.4 (1/500 + 1/1000).
    expect(estimateWait(500, room)).toEqual({ p50: 100, p90: 105 });
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

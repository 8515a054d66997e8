import {
  claimWindowMinMs,
  pollAfterMaxMs,
  pollAfterMs,
  pollsPerSecond,
  solvePace,
} from '../../src/waiting-room/pace.ts';

const GRACE_MS = 240_000;
const BUDGET = 2_000;

/** Polls per second that this many obedient people really cause: every interval is drawn as it is told. */
function simulate(waiting: number): number {
  const msPerPlace = solvePace(waiting, BUDGET, GRACE_MS);
  let rate = 0;
  for (let position = 1; position <= waiting; position += 1) {
    // Rate of a renewal process: one over its mean interval, here over five draws.
    let sum = 0;
    for (const random of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      sum += pollAfterMs(position, { msPerPlace, graceMs: GRACE_MS }, random);
    }
    rate += 5_000 / sum;
  }
  return rate;
}

describe('server-paced polling', () => {
  it.each([3_000, 10_000, 100_000])('keeps %p waiters within a tenth of the budget', (waiting) => {
    expect(Math.abs(simulate(waiting) - BUDGET)).toBeLessThan(BUDGET * 0.1);
  });

  it('asks everybody back about every second while that is within the budget', () => {
    expect(Math.abs(simulate(1_000) - 1_000)).toBeLessThan(100);
    expect(simulate(1_900)).toBeLessThan(BUDGET);
  });

  it('costs a million waiters what a quarter of the grace allows, a tenth of polling every 5 s', () => {
    const rate = simulate(1_000_000);
    const least = 1_000_000 / (pollAfterMaxMs(GRACE_MS) / 1_000);
    expect(rate).toBeGreaterThanOrEqual(least);
    expect(rate).toBeLessThan(least * 1.1);
    expect(rate).toBeLessThan((1_000_000 / 5) * 0.1);
  });

  it('predicts what it causes', () => {
    for (const waiting of [5_000, 50_000, 500_000]) {
      const predicted = pollsPerSecond(waiting, solvePace(waiting, BUDGET, GRACE_MS), GRACE_MS);
      expect(Math.abs(predicted / simulate(waiting) - 1)).toBeLessThan(0.03);
    }
  });

  it('asks the front about every second, and nobody later than a quarter of the grace', () => {
    for (const waiting of [10, 10_000, 1_000_000]) {
      const pace = { msPerPlace: solvePace(waiting, BUDGET, GRACE_MS), graceMs: GRACE_MS };
      expect(pollAfterMs(1, pace, 0.999)).toBeLessThanOrEqual(1_100);
      expect(pollAfterMs(waiting, pace, 0.999)).toBeLessThanOrEqual(GRACE_MS / 4);
    }
  });

  it('leaves everybody called more time than their longest poll, and keeps the place of who obeys', () => {
    for (const graceMs of [4_000, 30_000, GRACE_MS, 3_600_000]) {
      const longest = Math.max(
        ...[1, 1_000, 1_000_000].map((position) =>
          pollAfterMs(position, { msPerPlace: solvePace(1_000_000, 1, graceMs), graceMs }, 0.999),
        ),
      );
      expect(longest).toBeLessThanOrEqual(graceMs / 4);
      expect(claimWindowMinMs(graceMs)).toBeGreaterThanOrEqual(longest + 5_000);
    }
  });
});

import { pollAfterMs, solvePace } from '../../src/waiting-room/pace.ts';
import { ROOM_DEFAULTS } from '../../src/waiting-room/rooms.ts';
import type { Benchmark } from './rounds.ts';

const CROWDS = [10_000, 100_000, 1_000_000];
const SIMULATED_SECONDS = 180;
const COUNTED_SECONDS = 60;
const OFTEN_SECONDS = 5;

/** Obedient people, each polling when told by the pacing code itself, in simulated time. */
export const pacing: Benchmark = {
  name: 'pace',
  part: 'room',
  what: 'polls per second that obedient people cause (simulated by the pacing code)',
  async run({ report }) {
    const budget = ROOM_DEFAULTS.pollBudgetPerSecond;
    const graceMs = ROOM_DEFAULTS.graceSeconds * 1_000;
    for (const count of CROWDS) {
      const perSecond = simulate(count, budget, graceMs);
      const what = `polls per second of ${count.toLocaleString('en')} waiting`;
      const possible = count / (graceMs / 4_000) <= budget;
      report.line({
        what,
        value: perSecond,
        unit: '/s',
        detail: possible ? `budget ${budget}` : 'a quarter of the grace does not allow the budget',
        ...(possible ? { bound: { atMost: budget * 1.1 } } : {}),
      });
      if (possible) continue;
      report.line({
        what: `${what}, of polling every ${OFTEN_SECONDS} s`,
        value: perSecond / (count / OFTEN_SECONDS),
        unit: '×',
        bound: { atMost: 0.1 },
      });
    }
  },
};

function simulate(count: number, budget: number, graceMs: number): number {
  const pace = { msPerPlace: solvePace(count, budget, graceMs), graceMs };
  const from = (SIMULATED_SECONDS - COUNTED_SECONDS) * 1_000;
  let polls = 0;
  for (let position = 1; position <= count; position += 1) {
    let at = Math.random() * pollAfterMs(position, pace, Math.random());
    while (at < SIMULATED_SECONDS * 1_000) {
      if (at >= from) polls += 1;
      at += pollAfterMs(position, pace, Math.random());
    }
  }
  return polls / COUNTED_SECONDS;
}

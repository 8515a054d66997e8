import { claiming, releasing } from './money-redis.ts';
import { paying, reserving } from './money-requests.ts';
import { hotSeat, seatMap } from './money-seats.ts';
import { admitting, memoryPerWaiter } from './room-crowd.ts';
import { entering } from './room-enter.ts';
import { promises } from './room-eta.ts';
import { idleRooms } from './room-idle.ts';
import { pacing } from './room-pace.ts';
import { polls } from './room-polls.ts';
import { recovering } from './room-recovery.ts';
import { freedSlots } from './room-slots.ts';
import type { Benchmark } from './rounds.ts';
import { memory, twoProcesses } from './whole-api.ts';
import { latency } from './whole-latency.ts';
import { starting } from './whole-start.ts';

/** Every benchmark, in the order of their parts. */
export const BENCHMARKS: readonly Benchmark[] = [
  ...[polls, entering, memoryPerWaiter, admitting, freedSlots, recovering, pacing],
  ...[idleRooms, promises],
  ...[hotSeat, claiming, reserving, paying, seatMap, releasing],
  ...[twoProcesses, memory, latency, starting],
];

/** Targets that other commands hold. */
export const ELSEWHERE: readonly string[] = [
  'held elsewhere: 10,000 buyers for 500 seats: npm run load-test -- --buyers 10000 --seats 500 --assert',
  'held elsewhere: waiting page, first load: npm test -- test/browser',
  'held elsewhere: ETA in simulated sales: npm test -- test/unit/eta',
];

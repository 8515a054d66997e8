import { admitting, memoryPerWaiter } from './room-crowd.ts';
import { entering } from './room-enter.ts';
import { polls } from './room-polls.ts';
import type { Benchmark } from './rounds.ts';

/** Every benchmark, in the order of their parts. */
export const BENCHMARKS: readonly Benchmark[] = [polls, entering, memoryPerWaiter, admitting];

/** Targets that other commands hold. */
export const ELSEWHERE: readonly string[] = [
  '10,000 buyers for 500 seats: npm run load-test -- --buyers 10000 --seats 500 --assert',
  'waiting page, first load: npm test -- test/browser',
];

import { setTimeout as delay } from 'node:timers/promises';
import { createRoom } from './crowd.ts';
import type { Measured } from './processes.ts';
import { type Benchmark, median } from './rounds.ts';

const ROOMS = 1_000;
const SECONDS = 16;
const ROUNDS = 2;

/** What rooms cost in which nobody is: one walk over all rooms lies in each span. */
export const idleRooms: Benchmark = {
  name: 'idle-rooms',
  part: 'room',
  what: '1,000 idle rooms, API and worker together',
  async run({ bench, report, size }) {
    const processes = [await bench.startApi(), await bench.startWorker()];
    await delay(3_000);
    const without = await shareOfCore(processes);
    for (let nth = 0; nth < ROOMS * size.share; nth += 1) await createRoom(bench);
    await delay(2_000);
    const shares: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) shares.push(await shareOfCore(processes));
    report.line({
      what: 'API and worker without rooms',
      value: without * 100,
      unit: '% of a core',
    });
    report.line({
      what: '1,000 idle rooms, in addition',
      value: (median(shares) - without) * 100,
      unit: '% of a core',
      bound: { atMost: 1 },
    });
  },
};

async function shareOfCore(processes: readonly Measured[]): Promise<number> {
  const used = (): number => processes.reduce((sum, one) => sum + one.cpuMicros(), 0);
  const before = used();
  const startedAt = performance.now();
  await delay(SECONDS * 1_000);
  return (used() - before) / 1_000 / (performance.now() - startedAt);
}

import { roomKeys } from '../../src/waiting-room/keys.ts';
import { ACTOR, createRoom, fillRoom } from './crowd.ts';
import { type RedisWork, watchRedis } from './redis-watch.ts';
import { apart, type Benchmark, median } from './rounds.ts';
import type { Bench } from './servers.ts';

const ADMITTED = 10_000;
/** They are short, and a pause of the machine is as long as several script calls. */
const ROUNDS_A_ROUND = 3;
/** Takes about as long as a call that lets 250 people in. */
const TOUCHES_NOTHING = 'local sum = 0 for i = 1, 100000 do sum = sum + i end return sum';

export const memoryPerWaiter: Benchmark = {
  name: 'memory',
  part: 'room',
  what: 'Redis memory per waiter, all keys of the room together',
  async run({ bench, report, size }) {
    const { redis } = bench.services;
    for (const count of size.crowds) {
      const { roomId } = await createRoom(bench);
      await fillRoom(bench, roomId, { count, step: count });
      let bytes = 0;
      for (const key of Object.values(roomKeys(roomId))) {
        bytes += Number((await redis.memory('USAGE', key, 'SAMPLES', 0)) ?? 0);
      }
      const what = `memory per waiter, ${count.toLocaleString('en')} waiting`;
      const judged = count === size.crowds[2] ? { bound: { atMost: 220 } } : {};
      report.line({ what, value: bytes / count, unit: 'bytes', ...judged });
    }
  },
};

export const admitting: Benchmark = {
  name: 'admit',
  part: 'room',
  what: 'admitting 10,000 who wait',
  async run(context) {
    const { bench, report, size } = context;
    const seen = await apart(context, [bench.redis], async () => {
      const works: Admitted[] = [];
      while (works.length < size.rounds * ROUNDS_A_ROUND) works.push(await admitAll(bench));
      return works;
    });
    report.line({
      what: 'admitting, Redis time per person',
      value: median(seen.map(({ scriptMicros }) => scriptMicros / ADMITTED)),
      unit: 'µs',
      bound: { atMost: 6 },
    });
    const longest = seen.map(({ longestScriptMs }) => longestScriptMs);
    report.line({
      what: 'admitting, longest script call of a round',
      value: median(longest),
      unit: 'ms',
      bound: { atMost: 10 },
    });
    const ofNothing = Math.max(...seen.map(({ longestOfNothingMs }) => longestOfNothingMs));
    report.line({
      what: 'admitting, longest script call of all rounds',
      value: Math.max(...longest),
      unit: 'ms',
      detail: `the machine's own pauses among them: of as many calls that touch nothing the longest took ${ofNothing.toFixed(1)} ms`,
    });
  },
};

interface Admitted extends RedisWork {
  /** Of as many calls of `TOUCHES_NOTHING`. */
  longestOfNothingMs: number;
}

/** Lets them all in. @returns what Redis did for it */
async function admitAll(bench: Bench): Promise<Admitted> {
  const { redis, waitingRoom } = bench.services;
  const { admission, rooms } = waitingRoom;
  const room = await createRoom(bench);
  await fillRoom(bench, room.roomId, { count: ADMITTED, step: ADMITTED });
  await rooms.patch(room.roomId, room.version, { capacity: ADMITTED }, ACTOR);
  const watch = await watchRedis(redis);
  const { called } = await admission.tick(room.roomId);
  const work = await watch.read();
  const members = new Set(called.map((place) => place.customerId));
  const inOrder = called.every(
    (place, nth) => nth === 0 || place.seq > (called[nth - 1]?.seq ?? 0),
  );
  if (members.size !== ADMITTED || !inOrder) throw new Error('not the 10,000, in order');
  const control = await watchRedis(redis);
  for (let call = 0; call < work.scriptCalls; call += 1) await redis.eval(TOUCHES_NOTHING, 0);
  const { longestScriptMs: longestOfNothingMs } = await control.read();
  return { ...work, longestOfNothingMs };
}

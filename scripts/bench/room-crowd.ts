import { roomKeys } from '../../src/waiting-room/keys.ts';
import { createRoom, fillRoom } from './crowd.ts';
import { type RedisWork, watchRedis } from './redis-watch.ts';
import { apart, type Benchmark, median } from './rounds.ts';
import type { Bench } from './servers.ts';

const ADMITTED = 10_000;
/** They are short, and a pause of the machine is as long as several script calls. */
const ROUNDS_A_ROUND = 3;

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
      const works: RedisWork[] = [];
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
    const calls = seen.reduce((sum, { scriptCalls }) => sum + scriptCalls, 0);
    report.line({
      what: 'admitting, longest script call of a round',
      value: median(longest),
      unit: 'ms',
      bound: { atMost: 10 },
      detail: `of all ${calls} calls ${Math.max(...longest).toFixed(1)} ms, the machine's own pauses among them`,
    });
  },
};

/** @returns what Redis did to let them all in, in order */
async function admitAll(bench: Bench): Promise<RedisWork> {
  const { admission, rooms } = bench.services.waitingRoom;
  const room = await createRoom(bench);
  await fillRoom(bench, room.roomId, { count: ADMITTED, step: ADMITTED });
  const actor = { name: 'bench', requestId: 'bench' };
  await rooms.patch(room.roomId, room.version, { capacity: ADMITTED }, actor);
  const watch = await watchRedis(bench.services.redis);
  const { called } = await admission.tick(room.roomId);
  const work = await watch.read();
  const members = new Set(called.map((place) => place.customerId));
  const inOrder = called.every(
    (place, nth) => nth === 0 || place.seq > (called[nth - 1]?.seq ?? 0),
  );
  if (members.size !== ADMITTED || !inOrder) throw new Error('not the 10,000, in order');
  return work;
}

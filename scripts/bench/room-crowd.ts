import { roomKeys } from '../../src/waiting-room/keys.ts';
import { createRoom, fillRoom } from './crowd.ts';
import { watchRedis } from './redis-watch.ts';
import { type Benchmark, median } from './rounds.ts';

const ADMITTED = 10_000;

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
  async run({ bench, report, size }) {
    const { admission, rooms } = bench.services.waitingRoom;
    const perPerson: number[] = [];
    let longestMs = 0;
    for (let round = 0; round < size.rounds; round += 1) {
      const room = await createRoom(bench);
      await fillRoom(bench, room.roomId, { count: ADMITTED, step: ADMITTED });
      const actor = { name: 'bench', requestId: 'bench' };
      await rooms.patch(room.roomId, room.version, { capacity: ADMITTED }, actor);
      const watch = await watchRedis(bench.services.redis);
      const { called } = await admission.tick(room.roomId);
      const { scriptMicros, longestScriptMs } = await watch.read();
      const members = new Set(called.map((place) => place.customerId));
      const inOrder = called.every(
        (place, nth) => nth === 0 || place.seq > (called[nth - 1]?.seq ?? 0),
      );
      if (members.size !== ADMITTED || !inOrder) throw new Error('not the 10,000, in order');
      perPerson.push(scriptMicros / ADMITTED);
      longestMs = Math.max(longestMs, longestScriptMs);
    }
    report.line({
      what: 'admitting, Redis time per person',
      value: median(perPerson),
      unit: 'µs',
      bound: { atMost: 6 },
    });
    report.line({
      what: 'admitting, longest script call',
      value: longestMs,
      unit: 'ms',
      bound: { atMost: 10 },
    });
  },
};

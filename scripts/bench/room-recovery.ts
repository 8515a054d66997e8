import { setTimeout as delay } from 'node:timers/promises';
import { roomKeys } from '../../src/waiting-room/keys.ts';
import { createRoom, fillRoom } from './crowd.ts';
import { type Benchmark, type Context, quantile } from './rounds.ts';

const SLOTS = 500;
const WAITING = 1_000;
const PATIENCE_MS = 60_000;
const FIRST_END_MS = 1_500;
const BETWEEN_MS = 25;
const KILLED_AFTER_MS = 5_000;
const STOPPED_MS = 10_000;
/** Longer than any run: whoever waits is present all the time, and whoever is called keeps the slot. */
const PATIENT_SECONDS = 600;
/** A tick is 200 ms; the rest is for the scheduling of processes. */
const STALL_MS = 500;

type Bench = Context['bench'];

/** How long slots that run out stand empty once a worker was killed, or slept for ten seconds and woke. */
export const recovering: Benchmark = {
  name: 'recovery',
  part: 'room',
  what: 'slots that run out while a worker is killed, or sleeps: empty until the next has it',
  async run({ bench, report }) {
    const line = (what: string, emptyMs: readonly number[]): void =>
      report.line({
        what: `${what} until the next is called, longest`,
        value: Math.max(...emptyMs),
        unit: 'ms',
        bound: { atMost: STALL_MS },
        detail: `${emptyMs.length} slots, p50 ${quantile(emptyMs, 0.5)} ms, p99 ${quantile(emptyMs, 0.99)} ms`,
      });
    line('one of two workers killed: slot run out', await afterKill(bench));
    line('the only worker woken after 10 s: slot run out, or woken,', await afterSleep(bench));
  },
};

async function afterKill(bench: Bench): Promise<number[]> {
  const workers = [await bench.startWorker(), await bench.startWorker()];
  const room = await endingSlots(bench);
  await delay(FIRST_END_MS + KILLED_AFTER_MS);
  const killedAtMs = await redisMs(bench);
  process.kill(workers[0]?.pid ?? Number.NaN, 'SIGKILL');
  await untilCalled(bench, room);
  await Promise.all(workers.map((worker) => worker.stop()));
  const idle = await idleMs(bench, room);
  return idle.filter((_, nth) => (room.endsMs[nth] ?? 0) >= killedAtMs);
}

async function afterSleep(bench: Bench): Promise<number[]> {
  const worker = await bench.startWorker();
  const room = await endingSlots(bench);
  await delay(FIRST_END_MS);
  process.kill(worker.pid, 'SIGSTOP');
  const sleptAtMs = await redisMs(bench);
  await delay(STOPPED_MS);
  const wokenAtMs = await redisMs(bench);
  process.kill(worker.pid, 'SIGCONT');
  await untilCalled(bench, room);
  await worker.stop();
  const idle = await idleMs(bench, room, wokenAtMs);
  return idle.filter((_, nth) => (room.endsMs[nth] ?? 0) >= sleptAtMs);
}

interface EndingSlots {
  roomId: string;
  /** Customers. */
  waiting: ReadonlySet<string>;
  /** By Redis' clock, in order. */
  endsMs: number[];
}

/** A full room whose slots run out one after the other, and people who wait for them. */
async function endingSlots(bench: Bench): Promise<EndingSlots> {
  const { roomId } = await createRoom(bench, {
    capacity: SLOTS,
    claimSeconds: PATIENT_SECONDS,
    graceSeconds: PATIENT_SECONDS * 2,
  });
  const places = await fillRoom(bench, roomId, { count: SLOTS + WAITING });
  // Both workers know of each other and of the room before the first slot ends.
  await delay(1_500);
  const nowMs = await redisMs(bench);
  const endsMs = Array.from({ length: SLOTS }, (_, nth) => nowMs + FIRST_END_MS + nth * BETWEEN_MS);
  const deadlines = places
    .slice(0, SLOTS)
    .flatMap(({ customerId }, nth) => [endsMs[nth] ?? 0, String(customerId)]);
  await bench.services.redis.zadd(roomKeys(roomId).active, 'XX', ...deadlines);
  const waiting = new Set(places.slice(SLOTS).map(({ customerId }) => String(customerId)));
  return { roomId, waiting, endsMs };
}

async function redisMs({ services }: Bench): Promise<number> {
  const [seconds, micros] = await services.redis.time();
  return Number(seconds) * 1_000 + Number(micros) / 1_000;
}

/** When each was called, in order: the claim window began then. A killed worker may not have written it down. */
async function calledMs({ services }: Bench, { roomId, waiting }: EndingSlots): Promise<number[]> {
  const slots = await services.redis.zrange(roomKeys(roomId).active, 0, '-1', 'WITHSCORES');
  return slots.flatMap((customer, nth) =>
    waiting.has(customer) ? [Number(slots[nth + 1]) - PATIENT_SECONDS * 1_000] : [],
  );
}

/** Those who waited fill the slots that ran out. */
async function untilCalled(bench: Bench, room: EndingSlots): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  while ((await calledMs(bench, room)).length < SLOTS) {
    if (Date.now() > until) throw new Error('slots that ran out stay empty');
    await delay(100);
  }
}

/** From each end of a slot, or from `sinceMs`, to the call that filled it: the nth call fills the nth slot. */
async function idleMs(bench: Bench, room: EndingSlots, sinceMs = 0): Promise<number[]> {
  const called = await calledMs(bench, room);
  return room.endsMs.map((ms, nth) =>
    Math.round((called[nth] ?? Number.NaN) - Math.max(ms, sinceMs)),
  );
}

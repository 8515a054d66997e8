import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { RedisClient } from '../platform/redis.ts';
import { measureFlow } from './eta.ts';
import { type History, TOMBSTONE_MS } from './history.ts';
import { roomKeys } from './keys.ts';
import type { RoomLoader } from './room-loader.ts';
import type { LineScripts } from './scripts.ts';

/** People one script call may move: 10,000 are let in by forty calls, and none blocks Redis longer than 2 ms. */
const ADMIT_MAX = 250;
/** Calls one tick may make for one room. */
const CALLS_PER_TICK_MAX = 40;
const SWEEP_COUNT = 500;
/** The ETA looks back over ten minutes at most; a minute in which nobody measured is too long to guess what happened. */
export const MEASURING = { everyMs: 5_000, samplesMax: 120, gapMs: 60_000 } as const;

export interface AdmitReport {
  waiting: number;
  returning: number;
  active: number;
  /** All who have a place, those who are away included. */
  people: number;
  /** Until the first slot or claim window ends, ms; undefined when nobody has one. */
  nextEndInMs: number | undefined;
  /** Slots and places that this call ended or set aside. */
  settled: number;
  /** `returned`: had been away, or was restored after a loss, so that this turn is not in order of `seq`. */
  called: { customerId: number; seq: number; returned: boolean }[];
}

/** Lets people in: from the worker's tick, at once when a slot frees, and by an operator's hand. */
export interface Admission {
  /**
   * Ends what is over and admits as capacity and rate allow; loads the room when Redis does not know it.
   *
   * @throws ROOM_NOT_FOUND, UNAVAILABLE
   */
  tick(roomId: string): Promise<AdmitReport>;
  /** One call right after a slot was freed; a failure is left to the next tick. */
  admitFreed(roomId: string): Promise<void>;
  admitByHand(roomId: string, count: number): Promise<number>;
  /** Measures how fast slots come free and people give up: what the ETA rests on. */
  measure(roomId: string): Promise<void>;
  /** One bounded step of the walk that ends those who stay away; the cursor of the next step, '0' at the end. */
  sweepStep(roomId: string, cursor: string): Promise<{ cursor: string; recovering: boolean }>;
}

export function createAdmission(options: {
  redis: RedisClient;
  scripts: LineScripts;
  loader: RoomLoader;
  history: History;
  logger: Logger;
}): Admission {
  const { scripts, loader, history } = options;

  async function call(roomId: string, max: number, byHand: boolean): Promise<AdmitReport> {
    const admit = () =>
      scripts.admit({
        keys: roomKeys(roomId),
        args: { goneMs: TOMBSTONE_MS, max, byHand: byHand ? 1 : 0 },
      });
    let reply = await admit();
    if (reply[0] !== 'ok') {
      await loader.load(roomId);
      reply = await admit();
    }
    if (reply[0] !== 'ok') throw new AppError('UNAVAILABLE', { retryAfterSeconds: 1 });
    const [, nowMs, waiting, returning, active, nextDeadlineMs, settled, people, ...rest] = reply;
    const [customers, seqs, returned, ended] = rest;
    const called = calledOf(customers, seqs, returned);
    const at = new Date(nowMs);
    for (const place of called) history.record({ roomId, ...place, byHand, kind: 'CALLED', at });
    history.recordEnds(roomId, ended, at);
    const nextEndInMs = nextDeadlineMs > 0 ? Math.max(0, nextDeadlineMs - nowMs) : undefined;
    return { waiting, returning, active, people, nextEndInMs, settled, called };
  }

  return {
    async tick(roomId) {
      const first = await call(roomId, ADMIT_MAX, false);
      let last = first;
      for (let calls = 1; calls < CALLS_PER_TICK_MAX; calls += 1) {
        if (last.called.length + last.settled === 0) break;
        last = await call(roomId, ADMIT_MAX, false);
        first.called.push(...last.called);
        first.settled += last.settled;
      }
      return { ...last, called: first.called, settled: first.settled };
    },

    async admitFreed(roomId) {
      try {
        await call(roomId, ADMIT_MAX, false);
      } catch (error) {
        options.logger.warn({ error, room: roomId }, 'a freed slot waits for the next tick');
      }
    },

    async admitByHand(roomId, count) {
      let admitted = 0;
      while (admitted < count) {
        const report = await call(roomId, Math.min(count - admitted, ADMIT_MAX), true);
        admitted += report.called.length;
        if (report.called.length + report.settled === 0) break;
      }
      return admitted;
    },

    async measure(roomId) {
      const keys = roomKeys(roomId);
      const flow = measureFlow(await scripts.measure({ keys, args: MEASURING }));
      if (flow) await options.redis.hset(keys.flow, { ...flow });
    },

    async sweepStep(roomId, cursor) {
      const reply = await scripts.sweep({
        keys: roomKeys(roomId),
        args: { goneMs: TOMBSTONE_MS, cursor, count: SWEEP_COUNT },
      });
      if (reply[0] === 'unloaded') return { cursor: '0', recovering: false };
      const [, next, nowMs, recovering, ended] = reply;
      history.recordEnds(roomId, ended, new Date(nowMs));
      return { cursor: next, recovering: recovering === 1 };
    },
  };
}

/** Who was called, of those that admit.lua looked at. */
function calledOf(
  customers: readonly number[],
  seqs: readonly number[],
  returned: readonly number[],
): AdmitReport['called'] {
  if (customers.length !== seqs.length) throw new Error('admit.lua named half a place');
  const hadBeenAway = new Set(returned);
  const places = customers.map((customerId, nth) => {
    return { customerId, seq: seqs[nth] ?? 0, returned: hadBeenAway.has(customerId) };
  });
  return places.filter(({ seq }) => seq > 0);
}

import type { Database } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import type { RedisClient } from '../platform/redis.ts';
import { MEASURING } from './admission.ts';
import { type CurvePoint, curvePoints } from './curves.ts';
import { TOMBSTONE_MS } from './history.ts';
import { roomKeys } from './keys.ts';
import { estimateWait, type RoomNow } from './places.ts';
import type { RoomLoader } from './room-loader.ts';
import { createRoomRecord, type EndedWaits } from './room-record.ts';
import type { LineScripts } from './scripts.ts';
import { percentile, slotIdleMs } from './slot-idle.ts';

/** Seconds for who joins now. */
export type Eta = { p50: number; p90: number } | null;

/** A room at a glance; rates are of the last minute. */
export interface RoomStats {
  /** By Redis' clock. */
  at: Date;
  waiting: number;
  returning: number;
  active: number;
  capacity: number;
  admittedPerMinute: number;
  /** Slots given back by payment, by leaving or by running out. */
  finishedPerMinute: number;
  oldestWaitSeconds: number;
  slotIdleMs: { p50: number | null; p99: number | null };
  pollsPerSecond: number;
  eta: Eta;
  /** Why there is no `eta`. */
  etaReason: string | null;
  /** Share of the waits that ended lately within the promised p90; null when none did. */
  etaCoverage: number | null;
  recovering: boolean;
}

/** What one script call knows of a room. */
export interface RoomGlance {
  waiting: number;
  returning: number;
  active: number;
  admittedPerMinute: number;
  eta: Eta;
  recovering: boolean;
}

export interface Stats {
  /** @throws ROOM_NOT_FOUND, UNAVAILABLE */
  read(roomId: string): Promise<RoomStats>;
  /** One cheap script call a room, in the given order; null for a room that Redis cannot tell of now. */
  glance(roomIds: readonly string[]): Promise<(RoomGlance | null)[]>;
  /** The last ten minutes, oldest first. */
  curves(roomId: string): Promise<{ points: CurvePoint[]; waits: EndedWaits[] }>;
  /**
   * What who joins now would be told, as the limits are and as they would be; as if the room was open.
   *
   * @throws ROOM_NOT_FOUND, UNAVAILABLE
   */
  estimate(
    roomId: string,
    changes: { capacity?: number; admitPerMinute?: number | null },
  ): Promise<{ now: Eta; changed: Eta }>;
  /** Whether the room lets people in by itself: open, its time come. @throws as `read` */
  admits(roomId: string): Promise<boolean>;
}

/** Whole seconds of the polls' ring that are counted, the running one left out. */
const POLL_SECONDS = 5;

export function createStats(options: {
  db: Database;
  redis: RedisClient;
  scripts: LineScripts;
  loader: RoomLoader;
}): Stats {
  const { redis, scripts, loader } = options;
  const record = createRoomRecord(options.db);
  const look = (roomId: string) =>
    scripts.look({ keys: roomKeys(roomId), args: { goneMs: TOMBSTONE_MS, pairs: '' } });

  async function roomNow(roomId: string): Promise<RoomNow> {
    let now = await look(roomId);
    if (Array.isArray(now)) {
      await loader.load(roomId);
      now = await look(roomId);
    }
    if (Array.isArray(now)) throw new AppError('UNAVAILABLE', { retryAfterSeconds: 1 });
    return now.room;
  }

  return {
    async admits(roomId) {
      const { state, opensAtMs, nowMs } = await roomNow(roomId);
      return state === 'OPEN' && opensAtMs <= nowMs;
    },
    async read(roomId) {
      const keys = roomKeys(roomId);
      const [now, first, polls, events, finishedPerMinute, etaCoverage] = await Promise.all([
        roomNow(roomId),
        redis.zrange(keys.waiting, 0, '0', 'WITHSCORES'),
        redis.hgetall(keys.flow),
        record.slotEvents(roomId),
        record.finishedLastMinute(roomId),
        record.coverage(roomId),
      ]);
      const idle = slotIdleMs(events);
      const joinedMs = Number(first[1] ?? 0) / 1_000;
      const estimated = estimateWait(now.waiting + 1, now);
      return {
        ...glanceOf(now),
        at: new Date(now.nowMs),
        capacity: now.capacity,
        finishedPerMinute,
        oldestWaitSeconds:
          joinedMs > 0 ? Math.max(0, Math.round((now.nowMs - joinedMs) / 1_000)) : 0,
        slotIdleMs: { p50: percentile(idle, 0.5), p99: percentile(idle, 0.99) },
        pollsPerSecond: pollRate(polls, now.nowMs),
        etaReason: typeof estimated === 'string' ? estimated : null,
        etaCoverage,
      };
    },

    async glance(roomIds) {
      const settled = await Promise.allSettled(roomIds.map(look));
      return settled.map((one) =>
        one.status === 'fulfilled' && !Array.isArray(one.value) ? glanceOf(one.value.room) : null,
      );
    },

    async curves(roomId) {
      const [samples, waits] = await Promise.all([
        scripts.measure({ keys: roomKeys(roomId), args: MEASURING }),
        record.waits(roomId),
      ]);
      return { points: curvePoints(samples), waits };
    },

    async estimate(roomId, changes) {
      const now: RoomNow = { ...(await roomNow(roomId)), state: 'OPEN', opensAtMs: 0 };
      const changed = { ...now, ...changes, measuredCapacity: now.capacity };
      return { now: etaOf(now), changed: etaOf(changed) };
    },
  };
}

function glanceOf(now: RoomNow): RoomGlance {
  return {
    waiting: now.waiting,
    returning: now.returning,
    active: now.active,
    admittedPerMinute: now.admittedLastMinute,
    eta: etaOf(now),
    recovering: now.recovering,
  };
}

function etaOf(room: RoomNow): Eta {
  const estimated = estimateWait(room.waiting + 1, room);
  return typeof estimated === 'string' ? null : estimated;
}

/** The flow's ring holds `second:count` for each of the last eight seconds. */
function pollRate(ring: Record<string, string>, nowMs: number): number {
  const second = Math.floor(nowMs / 1_000);
  let polls = 0;
  for (const cell of Object.values(ring)) {
    const [at, count] = cell.includes(':') ? cell.split(':').map(Number) : [];
    if (at !== undefined && at < second && at >= second - POLL_SECONDS) polls += count ?? 0;
  }
  return polls / POLL_SECONDS;
}

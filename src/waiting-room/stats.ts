import type { Database } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import type { RedisClient } from '../platform/redis.ts';
import { TOMBSTONE_MS } from './history.ts';
import { roomKeys } from './keys.ts';
import { estimateWait } from './places.ts';
import type { RoomLoader } from './room-loader.ts';
import type { LineScripts } from './scripts.ts';
import { percentile, type SlotEvent, slotIdleMs } from './slot-idle.ts';

/** A room at a glance; rates are of the last minute. */
export interface RoomStats {
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
  /** For who joins now, seconds. */
  eta: { p50: number; p90: number } | null;
  /** Share of the waits that ended lately within the promised p90; null when none did. */
  etaCoverage: number | null;
  recovering: boolean;
}

export interface Stats {
  /** @throws ROOM_NOT_FOUND, UNAVAILABLE */
  read(roomId: string): Promise<RoomStats>;
}

const WINDOW_SECONDS = 300;
const EVENTS_READ_MAX = 20_000;
/** Whole seconds of the polls' ring that are counted, the running one left out. */
const POLL_SECONDS = 5;

export function createStats(options: {
  db: Database;
  redis: RedisClient;
  scripts: LineScripts;
  loader: RoomLoader;
}): Stats {
  const { db, redis, scripts, loader } = options;

  async function roomNow(roomId: string) {
    const ask = () =>
      scripts.look({ keys: roomKeys(roomId), args: { goneMs: TOMBSTONE_MS }, restArgs: [] });
    let now = await ask();
    if (Array.isArray(now)) {
      await loader.load(roomId);
      now = await ask();
    }
    if (Array.isArray(now)) throw new AppError('UNAVAILABLE', { retryAfterSeconds: 1 });
    return now.room;
  }

  return {
    async read(roomId) {
      const keys = roomKeys(roomId);
      const [now, first, polls, events, coverage] = await Promise.all([
        roomNow(roomId),
        redis.zrange(keys.waiting, 0, '0', 'WITHSCORES'),
        redis.hgetall(keys.flow),
        readSlotEvents(db, roomId),
        readCoverage(db, roomId),
      ]);
      const idle = slotIdleMs(events);
      const joinedMs = Number(first[1] ?? 0) / 1_000;
      const eta = estimateWait(now.waiting + 1, now);
      const minuteAgo = now.nowMs - 60_000;
      return {
        waiting: now.waiting,
        returning: now.returning,
        active: now.active,
        capacity: now.capacity,
        admittedPerMinute: now.admittedLastMinute,
        finishedPerMinute: events.filter((e) => e.kind === 'freed' && e.atMs > minuteAgo).length,
        oldestWaitSeconds:
          joinedMs > 0 ? Math.max(0, Math.round((now.nowMs - joinedMs) / 1_000)) : 0,
        slotIdleMs: { p50: percentile(idle, 0.5), p99: percentile(idle, 0.99) },
        pollsPerSecond: pollRate(polls, now.nowMs),
        eta: typeof eta === 'string' ? null : eta,
        etaCoverage: coverage,
        recovering: now.recovering,
      };
    },
  };
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

async function readSlotEvents(db: Database, roomId: string): Promise<SlotEvent[]> {
  const rows = await db.query<{ kind: 'freed' | 'called'; at_ms: number; entered_ms: number }>({
    name: 'room-slot-events',
    // An end frees a slot when the same place had been called. seq is the time of joining in µs, or later.
    text: `SELECT CASE kind WHEN 'CALLED' THEN 'called' ELSE 'freed' END AS kind,
                  (extract(epoch FROM at) * 1000)::float8 AS at_ms, (seq / 1000)::float8 AS entered_ms
           FROM room_events e
           WHERE room_id = $1 AND at > clock_timestamp() - make_interval(secs => $2)
             AND (kind = 'CALLED' OR kind IN ('PAID', 'LAPSED', 'LEFT', 'REMOVED') AND EXISTS (
               SELECT 1 FROM room_events c WHERE c.room_id = e.room_id AND c.customer_id = e.customer_id
                 AND c.seq = e.seq AND c.kind = 'CALLED'))
           ORDER BY at, id LIMIT $3`,
    values: [roomId, WINDOW_SECONDS, EVENTS_READ_MAX],
  });
  return rows.map((row) => ({ kind: row.kind, atMs: row.at_ms, enteredMs: row.entered_ms }));
}

/**
 * Of the people called lately whom a wait had been promised: how many waited no longer than its p90. A promise
 * holds for the settings it was made under: who waited through a pause or another change of them is left out.
 */
async function readCoverage(db: Database, roomId: string): Promise<number | null> {
  const [row] = await db.query<{ coverage: number | null }>({
    name: 'room-eta-coverage',
    text: `SELECT avg((c.at - e.at <= make_interval(secs => e.eta_p90))::int)::float8 AS coverage
           FROM room_events c
           JOIN rooms r ON r.id = c.room_id
           JOIN room_events e ON e.room_id = c.room_id AND e.customer_id = c.customer_id
             AND e.seq = c.seq AND e.kind = 'ENTERED' AND e.eta_p90 IS NOT NULL
             AND e.at >= r.updated_at
           WHERE c.room_id = $1 AND c.kind = 'CALLED'
             AND c.at > clock_timestamp() - make_interval(secs => $2)`,
    values: [roomId, WINDOW_SECONDS],
  });
  return row?.coverage ?? null;
}

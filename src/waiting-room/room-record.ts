import { createBoundedCache } from '../platform/bounded-cache.ts';
import type { Database } from '../platform/database.ts';
import type { SlotEvent } from './slot-idle.ts';

/** What the written record says of a room's last minutes; every reader of a moment shares one read. */
export interface RoomRecord {
  /** The last slots given and given back, a bounded number of them within five minutes, oldest first. */
  slotEvents(roomId: string): Promise<SlotEvent[]>;
  /** Slots given back within the last minute: by payment, by leaving or by running out. */
  finishedLastMinute(roomId: string): Promise<number>;
  /** Of the people called lately whom a wait had been promised: the share that waited no longer than its p90. */
  coverage(roomId: string): Promise<number | null>;
  /** Waits that ended within ten minutes, by the ten seconds in which they ended. */
  waits(roomId: string): Promise<EndedWaits[]>;
}

/** Medians of the waits that ended within the same ten seconds, in seconds. */
export interface EndedWaits {
  at: Date;
  waited: number;
  /** What had been promised on entering; null when nothing honest could be said. */
  promised: { p50: number; p90: number } | null;
}

const WINDOW_SECONDS = 300;
const WAITS_SECONDS = 600;
/** Enough for a 99th percentile; a busy room makes ten times as many in the window, and this is read at each scrape. */
const EVENTS_READ_MAX = 2_000;
const FRESH_MS = 2_000;
const ROOMS_CACHED_MAX = 200;

export function createRoomRecord(db: Database): RoomRecord {
  const cached = <T>(read: (roomId: string) => Promise<T>) =>
    createBoundedCache({ read, freshMs: () => FRESH_MS, sizeMax: ROOMS_CACHED_MAX }).get;
  return {
    slotEvents: cached((roomId) => readSlotEvents(db, roomId)),
    finishedLastMinute: cached((roomId) => readFinished(db, roomId)),
    coverage: cached((roomId) => readCoverage(db, roomId)),
    waits: cached((roomId) => readWaits(db, roomId)),
  };
}

/** An end frees a slot when the same place had been called. */
const FREED = `e.kind IN ('PAID', 'LAPSED', 'LEFT', 'REMOVED') AND EXISTS (
  SELECT 1 FROM room_events c WHERE c.room_id = e.room_id AND c.customer_id = e.customer_id
    AND c.seq = e.seq AND c.kind = 'CALLED')`;

async function readFinished(db: Database, roomId: string): Promise<number> {
  const [row] = await db.query<{ finished: number }>({
    name: 'room-finished',
    text: `SELECT count(*)::int AS finished FROM room_events e
           WHERE room_id = $1 AND at > clock_timestamp() - interval '1 minute' AND ${FREED}`,
    values: [roomId],
  });
  return row?.finished ?? 0;
}

async function readSlotEvents(db: Database, roomId: string): Promise<SlotEvent[]> {
  const rows = await db.query<{ kind: 'freed' | 'called'; at_ms: number; entered_ms: number }>({
    name: 'room-slot-events',
    // seq is the time of joining in µs, or later.
    text: `SELECT CASE kind WHEN 'CALLED' THEN 'called' ELSE 'freed' END AS kind,
                  (extract(epoch FROM at) * 1000)::float8 AS at_ms, (seq / 1000)::float8 AS entered_ms
           FROM room_events e
           WHERE room_id = $1 AND at > clock_timestamp() - make_interval(secs => $2)
             AND (kind = 'CALLED' OR ${FREED})
           ORDER BY at DESC, id DESC LIMIT $3`,
    values: [roomId, WINDOW_SECONDS, EVENTS_READ_MAX],
  });
  return rows
    .reverse()
    .map((row) => ({ kind: row.kind, atMs: row.at_ms, enteredMs: row.entered_ms }));
}

/** A promise holds for the settings it was made under: who waited through a change of them is left out. */
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

async function readWaits(db: Database, roomId: string): Promise<EndedWaits[]> {
  const rows = await db.query<{
    at: Date;
    waited: number;
    p50: number | null;
    p90: number | null;
  }>({
    name: 'room-ended-waits',
    // Who was let in at once has not waited.
    text: `SELECT date_bin('10 seconds', c.at, 'epoch') AS at,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM c.at - e.at)::float8) AS waited,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY e.eta_p50::float8) AS p50,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY e.eta_p90::float8) AS p90
           FROM room_events c
           JOIN room_events e ON e.room_id = c.room_id AND e.customer_id = c.customer_id
             AND e.seq = c.seq AND e.kind = 'ENTERED'
           WHERE c.room_id = $1 AND c.kind = 'CALLED' AND c.at > e.at
             AND c.at > clock_timestamp() - make_interval(secs => $2)
           GROUP BY 1 ORDER BY 1`,
    values: [roomId, WAITS_SECONDS],
  });
  return rows.map(({ at, waited, p50, p90 }) => ({
    at,
    waited,
    promised: p50 === null || p90 === null ? null : { p50, p90 },
  }));
}

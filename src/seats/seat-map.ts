import { createHash } from 'node:crypto';
import { createBoundedCache } from '../platform/bounded-cache.ts';
import type { Database } from '../platform/database.ts';

export type SeatStatus = 'AVAILABLE' | 'HELD' | 'SOLD' | 'BLOCKED';

/** The seats of one performance as of a moment of Postgres' clock. */
export interface SeatMap {
  concertId: number;
  optionId: number;
  totalSeats: number;
  document: SeatMapDocument;
  /** The document as JSON, which all who ask are told. */
  text: string;
  /** Just before Postgres was asked, ms of this process's monotonic clock. */
  readAtMs: number;
  /** Changes when a seat changes, and only then. */
  etag: string;
}

export interface SeatMapDocument {
  /** Seats 1..totalSeats, in order. */
  seats: { seatId: number; status: SeatStatus }[];
  /** ISO 8601, UTC. */
  asOf: string;
}

export interface SeatMaps {
  /** At most a second old; at most one read a second and option, shared by all who ask. */
  read(optionId: number): Promise<SeatMap | undefined>;
}

/** One read a second and option; `nextMapInMs` tells who watches when the next one is due. */
const FRESH_MS = 1_000;
const MAPS_MAX = 2_000;

export function createSeatMaps(db: Database): SeatMaps {
  const maps = createBoundedCache({
    read: (optionId: number) => readMap(db, optionId),
    freshMs: () => FRESH_MS,
    sizeMax: MAPS_MAX,
  });
  return { read: (optionId) => maps.get(optionId) };
}

/** In how many whole ms a newer map than this one can be had; at least 1. */
export function nextMapInMs(map: Pick<SeatMap, 'readAtMs'>, nowMs = performance.now()): number {
  return Math.max(1, Math.ceil(map.readAtMs + FRESH_MS - nowMs));
}

async function readMap(db: Database, optionId: number): Promise<SeatMap | undefined> {
  const readAtMs = performance.now();
  const [row] = await db.query<{
    as_of: Date;
    concert_id: number;
    total: number;
    held: number[];
    sold: number[];
    blocked: number[];
  }>({
    name: 'seat-map',
    // statement_timestamp() lies before the snapshot: what was answered before asOf is in the map. A hold
    // whose time is over is free, whoever tidies it up and when.
    text: `SELECT statement_timestamp() AS as_of, o.concert_id, o.capacity_limit AS total,
             coalesce(array_agg(t.seat) FILTER (WHERE r.status = 'HELD' AND r.expires_at > clock_timestamp()), '{}') AS held,
             coalesce(array_agg(t.seat) FILTER (WHERE r.status = 'CONFIRMED'), '{}') AS sold,
             coalesce(array_agg(t.seat) FILTER (WHERE t.id IS NOT NULL AND t.reservation_id IS NULL), '{}') AS blocked
           FROM options o
           LEFT JOIN tickets t ON t.option_id = o.id AND t.live
           LEFT JOIN reservations r ON r.id = t.reservation_id
           WHERE o.id = $1 GROUP BY o.id`,
    values: [optionId],
  });
  if (!row) return undefined;
  const taken = new Map<number, SeatStatus>([
    ...row.held.map((seat): [number, SeatStatus] => [seat, 'HELD']),
    ...row.sold.map((seat): [number, SeatStatus] => [seat, 'SOLD']),
    ...row.blocked.map((seat): [number, SeatStatus] => [seat, 'BLOCKED']),
  ]);
  const seats = Array.from({ length: row.total }, (_, index) => {
    const status: SeatStatus = taken.get(index + 1) ?? 'AVAILABLE';
    return { seatId: index + 1, status };
  });
  const digest = createHash('sha1')
    .update(seats.map((seat) => seat.status[0]).join(''))
    .digest('base64url');
  const document = { seats, asOf: row.as_of.toISOString() };
  return {
    concertId: row.concert_id,
    optionId,
    totalSeats: row.total,
    document,
    text: JSON.stringify(document),
    readAtMs,
    etag: `"${optionId}-${digest}"`,
  };
}

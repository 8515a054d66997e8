import { Redis } from 'ioredis';
import pg from 'pg';
import { TOMBSTONE_MS } from '../../src/waiting-room/history.ts';
import { roomKeys } from '../../src/waiting-room/keys.ts';
import { percentile, slotIdleMs } from '../../src/waiting-room/slot-idle.ts';
import type { SeenPlace, Visit } from './observer.ts';
import { type CalledPlace, called, countInversions, peakOf, slotsHeld } from './replay.ts';
import type { Sale } from './world.ts';

/** What the stored record says, recomputed from its rows: no figure of the server is taken over. */
export interface AuditReport {
  /** Seats of confirmed reservations, and those of them that more than one confirmed reservation has. */
  seatsSold: number;
  seatsSoldTwice: number;
  /** Most slots held at one moment, from the calls and the ends. */
  slotsHeldMax: number;
  /** People called after somebody who had come later, though present all the time. */
  inversions: number;
  /** Called, but not there: their slot stood empty for the claim window. */
  noShows: number;
  slotIdleMs: { p50: number | null; p99: number | null };
}

/** The largest number of slots that samples of the line itself ever showed. */
export interface LineSampler {
  slotsMax(): number;
  samples(): number;
  stop(): Promise<void>;
}

const SAMPLE_EVERY_MS = 50;

export function sampleLine(redisUrl: string, roomId: string): LineSampler {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined);
  const { active } = roomKeys(roomId);
  let most = 0;
  let samples = 0;
  const timer = setInterval(() => {
    redis.zcard(active).then(
      (held) => {
        most = Math.max(most, held);
        samples += 1;
      },
      () => undefined,
    );
  }, SAMPLE_EVERY_MS);
  return {
    slotsMax: () => most,
    samples: () => samples,
    async stop() {
      clearInterval(timer);
      redis.disconnect();
    },
  };
}

/**
 * Reads room_events, tickets and the tombstones of the line, after the run.
 *
 * @param places what the buyers saw, to know who was present and who never took the slot
 * @param claimMs how long a slot waits for who was called
 * @returns the report, and the visits of those who were called but did not come
 */
export async function audit(options: {
  databaseUrl: string;
  redisUrl: string;
  sale: Sale;
  places: readonly SeenPlace[];
  presentWithinMs: number;
  claimMs: number;
  /** Slots that stand empty after the last sale are of no interest; ms since 1970. */
  untilMs: number;
}): Promise<{ report: AuditReport; noShows: Visit[] }> {
  const { sale, claimMs } = options;
  const [{ calls, seats }, ends] = await Promise.all([
    readDatabase(options.databaseUrl, sale),
    readEnds(options.redisUrl, sale.roomId),
  ]);
  const places = called({ calls, ends, places: options.places, claimMs });
  const held = slotsHeld(places);
  const events = held
    .flatMap(({ fromMs, toMs, seq }) => [
      { kind: 'called' as const, atMs: fromMs, enteredMs: seq / 1_000 },
      { kind: 'freed' as const, atMs: toMs, enteredMs: 0 },
    ])
    .filter((event) => event.atMs <= options.untilMs)
    .sort((a, b) => a.atMs - b.atMs || (a.kind === 'freed' ? -1 : 1));
  const idle = slotIdleMs(events);
  const missing = places.filter((place) => place.claimedAtMs === undefined);
  return {
    report: {
      seatsSold: seats.length,
      seatsSoldTwice: seats.filter((owners) => owners > 1).length,
      slotsHeldMax: peakOf(held),
      inversions: countInversions(places, options.presentWithinMs),
      noShows: missing.length,
      slotIdleMs: { p50: percentile(idle, 0.5), p99: percentile(idle, 0.99) },
    },
    noShows: missing.map((place) => noShow(place, claimMs)),
  };
}

function noShow({ seq, calledAtMs }: CalledPlace, claimMs: number): Visit {
  const origin = performance.timeOrigin;
  return {
    seq,
    enteredAtMs: seq / 1_000 - origin,
    calledAtMs: calledAtMs - origin,
    plannedMs: claimMs,
    soldAtMs: undefined,
    abandoned: true,
  };
}

async function readDatabase(url: string, { roomId, optionId }: Sale) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const calls = await client.query<{ customer: string; seq: string; at_ms: number }>(
      `SELECT customer_id AS customer, seq, (extract(epoch FROM at) * 1000)::float8 AS at_ms
       FROM room_events WHERE room_id = $1 AND kind = 'CALLED' ORDER BY at, id`,
      [roomId],
    );
    const seats = await client.query<{ owners: number }>(
      `SELECT count(*)::int AS owners FROM tickets t JOIN reservations r ON r.id = t.reservation_id
       WHERE t.option_id = $1 AND r.status = 'CONFIRMED' GROUP BY t.seat`,
      [optionId],
    );
    return {
      calls: calls.rows.map((row) => ({
        customerId: Number(row.customer),
        seq: Number(row.seq),
        atMs: row.at_ms,
      })),
      seats: seats.rows.map((row) => row.owners),
    };
  } finally {
    await client.end();
  }
}

/** When each place ended, ms, by customer and seq. A tombstone's score is (expiry in ms × 8 + reason). */
async function readEnds(url: string, roomId: string): Promise<Map<string, number>> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    const flat = await redis.zrange(roomKeys(roomId).ended, 0, '-1', 'WITHSCORES');
    const ends = new Map<string, number>();
    for (let at = 0; at + 1 < flat.length; at += 2) {
      ends.set(flat[at] ?? '', Math.floor(Number(flat[at + 1]) / 8) - TOMBSTONE_MS);
    }
    return ends;
  } finally {
    redis.disconnect();
  }
}

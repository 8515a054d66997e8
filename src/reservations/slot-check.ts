import type { Database } from '../platform/database.ts';
import type { InvariantCheck } from '../platform/invariants.ts';
import type { AdminPlace } from '../waiting-room/line.ts';
import type { PlaceId } from '../waiting-room/places.ts';
import type { EndKind } from '../waiting-room/room-events.ts';

/** Live holds looked at; those that end last come first, for their slots have to last longest. */
const HOLDS_MAX = 20_000;
const HOLDS_AT_ONCE = 200;
/** Two clocks are compared, read one after the other. */
const TOLERANCE_MS = 1_000;

interface LiveHold extends PlaceId {
  reservationId: number;
  expiresAtMs: number;
}

/** What this check asks the waiting room. */
export interface SlotReader {
  place(roomId: string, customerId: number): Promise<AdminPlace | undefined>;
  endOf(place: PlaceId): Promise<EndKind | undefined>;
}

/**
 * Nobody is put out of a slot while a hold of theirs is live. A place that Redis lost is no violation: the
 * hold can be paid without it. Neither is a slot that its owner, or an operator, gave up.
 */
export async function checkSlotsOutliveHolds(
  db: Database,
  slots: SlotReader,
): Promise<InvariantCheck> {
  const check = { id: 'slot-outlives-hold', title: 'No slot ended before a live hold made in it' };
  try {
    const suspects: number[] = [];
    const holds = await readLiveHolds(db);
    for (let from = 0; from < holds.length; from += HOLDS_AT_ONCE) {
      const some = holds.slice(from, from + HOLDS_AT_ONCE);
      const wrong = await Promise.all(some.map((hold) => endsTooEarly(slots, hold)));
      suspects.push(...some.filter((_, at) => wrong[at]).map((hold) => hold.reservationId));
    }
    return { ...check, violations: await countStillLive(db, suspects), checked: true };
  } catch {
    return { ...check, violations: 0, checked: false };
  }
}

async function endsTooEarly(slots: SlotReader, hold: LiveHold): Promise<boolean> {
  const place = await slots.place(hold.roomId, hold.customerId);
  if (place?.seq === hold.seq) {
    return (
      place.slotEndsAt !== null && place.slotEndsAt.getTime() < hold.expiresAtMs - TOLERANCE_MS
    );
  }
  const end = await slots.endOf(hold);
  return end === 'PAID' || end === 'LAPSED' || end === 'SWEPT';
}

function readLiveHolds(db: Database): Promise<LiveHold[]> {
  return db.query<LiveHold>({
    name: 'holds-live',
    text: `SELECT id AS "reservationId", room_id AS "roomId", customer_id AS "customerId", slot_seq AS seq,
             (extract(epoch FROM expires_at) * 1000)::float8 AS "expiresAtMs"
           FROM reservations WHERE status = 'HELD' AND expires_at > clock_timestamp()
           ORDER BY expires_at DESC, id DESC LIMIT $1`,
    values: [HOLDS_MAX],
  });
}

/** A hold that was paid or cancelled since it was read has no claim on its slot any more. */
async function countStillLive(db: Database, ids: number[]): Promise<number> {
  if (ids.length === 0) return 0;
  const rows = await db.query({
    name: 'holds-still-live',
    text: `SELECT id FROM reservations
           WHERE id = ANY($1::bigint[]) AND status = 'HELD' AND expires_at > clock_timestamp()`,
    values: [ids],
  });
  return rows.length;
}

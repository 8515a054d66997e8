import { type Actor, recordAudit } from '../platform/audit.ts';
import type { Database } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';

export type OutboxKind =
  | 'reservation.held'
  | 'reservation.confirmed'
  | 'reservation.expired'
  | 'reservation.cancelled'
  | 'reservation.refunded';

/** What a committed transition still has to cause elsewhere, with all that a handler needs to know. */
export interface OutboxEvent {
  id: number;
  kind: OutboxKind;
  attempts: number;
  reservationId: number;
  customerId: number;
  concertId: number;
  roomId: string;
  slotSeq: number;
  claimId: string;
  seats: { optionId: number; seatId: number }[];
  /** Until the hold's deadline; negative when it has passed. */
  remainingMs: number;
}

export interface OutboxRow {
  outboxId: number;
  kind: string;
  payload: unknown;
  attempts: number;
  lastError: string | null;
  createdAt: string;
  availableAt: string;
  deliveredAt: string | null;
}

const RETRY_SECONDS_MAX = 300;
const ERROR_CHARS_MAX = 500;
const KEPT_HOURS = 24;
const PURGE_ROWS_MAX = 10_000;

/** Effects after a commit, delivered at least once by the workers. */
export interface Outbox {
  /**
   * Takes up to `max` events. Each is hidden from others until its next try is due, 2, 4, 8 … seconds later,
   * at most five minutes: a worker that dies delays an event and loses none.
   */
  take(max: number): Promise<OutboxEvent[]>;
  delivered(ids: number[]): Promise<void>;
  failed(id: number, reason: string): Promise<void>;
  /** Oldest first; `pending` leaves out what was delivered. */
  list(request: { pending: boolean; cursor: number | undefined; limit: number }): Promise<{
    items: OutboxRow[];
    next: number | null;
  }>;
  /** Makes an undelivered event due now. @throws NOT_FOUND, RESERVATION_STATE_CONFLICT (delivered) */
  retry(id: number, actor: Actor): Promise<OutboxRow>;
  /** Undelivered events, and the age of the oldest in seconds. */
  backlog(): Promise<{ pending: number; oldestSeconds: number }>;
  purge(): Promise<number>;
}

export function createOutbox(db: Database): Outbox {
  return {
    async take(max) {
      const rows = await db.query<TakenRow>({
        name: 'outbox-take',
        text: `WITH taken AS (
            UPDATE outbox SET attempts = attempts + 1,
              available_at = clock_timestamp() + make_interval(secs => least(2 ^ least(attempts + 1, 16), $2))
            WHERE id = ANY (ARRAY(
              SELECT id FROM outbox WHERE delivered_at IS NULL AND available_at <= clock_timestamp()
              ORDER BY available_at, id LIMIT $1 FOR UPDATE SKIP LOCKED))
            RETURNING id, kind, attempts, (payload ->> 'reservationId')::bigint AS reservation_id)
          SELECT taken.*, r.customer_id, r.concert_id, r.room_id, r.slot_seq, r.claim_id,
            (extract(epoch FROM r.expires_at - clock_timestamp()) * 1000)::float8 AS remaining_ms,
            (SELECT json_agg(json_build_object('optionId', t.option_id, 'seatId', t.seat))
             FROM tickets t WHERE t.reservation_id = r.id) AS seats
          FROM taken JOIN reservations r ON r.id = taken.reservation_id ORDER BY taken.id`,
        values: [max, RETRY_SECONDS_MAX],
      });
      return rows.map(eventFromRow);
    },
    async delivered(ids) {
      await db.query({
        name: 'outbox-delivered',
        text: `UPDATE outbox SET delivered_at = clock_timestamp(), last_error = NULL
               WHERE id = ANY($1::bigint[]) AND delivered_at IS NULL`,
        values: [ids],
      });
    },
    async failed(id, reason) {
      await db.query({
        name: 'outbox-failed',
        text: 'UPDATE outbox SET last_error = $2 WHERE id = $1 AND delivered_at IS NULL',
        values: [id, reason.slice(0, ERROR_CHARS_MAX)],
      });
    },
    async list({ pending, cursor, limit }) {
      const rows = await db.query<ListedRow>({
        text: `SELECT ${LISTED} FROM outbox WHERE id > $1 AND ($2 = false OR delivered_at IS NULL)
               ORDER BY id LIMIT $3`,
        values: [cursor ?? 0, pending, limit],
      });
      const items = rows.map(listedFromRow);
      return { items, next: items.length === limit ? (items.at(-1)?.outboxId ?? null) : null };
    },
    async retry(id, actor) {
      return db.prisma.$transaction(async (tx) => {
        const row = await tx.outbox.findUnique({ where: { id } });
        if (!row) throw new AppError('NOT_FOUND');
        if (row.deliveredAt) throw new AppError('RESERVATION_STATE_CONFLICT');
        await tx.$executeRaw`UPDATE outbox SET available_at = clock_timestamp() WHERE id = ${id}`;
        await recordAudit(tx, { actor, action: 'outbox.retry', target: `outbox:${id}` });
        return {
          outboxId: id,
          kind: row.kind,
          payload: row.payload,
          attempts: row.attempts,
          lastError: row.lastError,
          createdAt: row.createdAt.toISOString(),
          availableAt: new Date().toISOString(),
          deliveredAt: null,
        };
      });
    },
    async backlog() {
      const [row] = await db.query<{ pending: number; oldest: number }>({
        name: 'outbox-backlog',
        text: `SELECT count(*) AS pending,
                 coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 AS oldest
               FROM outbox WHERE delivered_at IS NULL`,
      });
      return { pending: row?.pending ?? 0, oldestSeconds: row?.oldest ?? 0 };
    },
    async purge() {
      const rows = await db.query({
        text: `DELETE FROM outbox WHERE id = ANY (ARRAY(SELECT id FROM outbox
                 WHERE delivered_at < clock_timestamp() - make_interval(hours => $1) LIMIT $2)) RETURNING 1`,
        values: [KEPT_HOURS, PURGE_ROWS_MAX],
      });
      return rows.length;
    },
  };
}

interface TakenRow {
  id: number;
  kind: OutboxKind;
  attempts: number;
  reservation_id: number;
  customer_id: number;
  concert_id: number;
  room_id: string;
  slot_seq: number;
  claim_id: string;
  remaining_ms: number;
  seats: { optionId: number; seatId: number }[];
}

function eventFromRow(row: TakenRow): OutboxEvent {
  return {
    id: row.id,
    kind: row.kind,
    attempts: row.attempts,
    reservationId: row.reservation_id,
    customerId: row.customer_id,
    concertId: row.concert_id,
    roomId: row.room_id,
    slotSeq: row.slot_seq,
    claimId: row.claim_id,
    seats: row.seats,
    remainingMs: row.remaining_ms,
  };
}

interface ListedRow {
  id: number;
  kind: string;
  payload: unknown;
  attempts: number;
  last_error: string | null;
  created_at: Date;
  available_at: Date;
  delivered_at: Date | null;
}

const LISTED = 'id, kind, payload, attempts, last_error, created_at, available_at, delivered_at';

function listedFromRow(row: ListedRow): OutboxRow {
  return {
    outboxId: row.id,
    kind: row.kind,
    payload: row.payload,
    attempts: row.attempts,
    lastError: row.last_error,
    createdAt: row.created_at.toISOString(),
    availableAt: row.available_at.toISOString(),
    deliveredAt: row.delivered_at?.toISOString() ?? null,
  };
}

import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import { within } from '../platform/patience.ts';
import type { RedisClient } from '../platform/redis.ts';
import { roomKeys } from './keys.ts';
import { END_KINDS, endKind, insertStatement, type RoomEvent } from './room-events.ts';

/** An ended place is remembered as long as a queue token can speak for it. */
export const TOMBSTONE_MS = 12 * 3_600_000;

const FLUSH_AFTER_MS = 250;
const FLUSH_ROWS_MAX = 5_000;
/** Beyond this many unwritten events (Postgres is away) the oldest are given up: they are a record only. */
const PENDING_MAX = 200_000;
/** More than the ends of one millisecond: a script ends at most 1,000 and takes longer than that. */
const COPY_ROWS_MAX = 5_000;
/** Who leaves waits no longer for the record than this. */
const KEEP_PATIENCE_MS = 1_000;
/** A process that begins to copy starts this far before the last end in the record. */
const COPY_OVERLAP_MS = 60_000;

export interface History {
  /** Adds to the next batch; never throws and never waits. */
  record(event: RoomEvent): void;
  /** Adds the ends that a script made: customer, seq and the end's code in turn. */
  recordEnds(roomId: string, ends: readonly number[], at: Date): void;
  /**
   * Writes an end before its customer is told, so that no loss of Redis takes it back. Never throws: while
   * Postgres is away it is added to a later batch.
   */
  keep(event: RoomEvent): Promise<void>;
  /** Writes at once; resolves when the events are durable. Writing the same event twice changes nothing. */
  write(events: RoomEvent[]): Promise<void>;
  /** Writes what is pending. */
  flush(): Promise<void>;
  /** What happened to a customer's places, newest first. */
  ofCustomer(customerId: number, limit: number): Promise<RoomEvent[]>;
  /** Copies the room's newly recorded ends from Redis; returns how many were read. */
  copyEnds(roomId: string): Promise<number>;
  close(): Promise<void>;
}

/** The durable record of what happened to places, written in batches behind the live line. */
export function createHistory(options: {
  db: Database;
  redis: RedisClient;
  logger: Logger;
}): History {
  let pending: RoomEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  const copiedUntilMs = new Map<string, number>();

  async function write(events: RoomEvent[]): Promise<void> {
    for (let from = 0; from < events.length; from += FLUSH_ROWS_MAX) {
      await options.db.query(insertStatement(events.slice(from, from + FLUSH_ROWS_MAX)));
    }
  }

  async function writePending(): Promise<void> {
    const batch = pending.splice(0, FLUSH_ROWS_MAX);
    if (batch.length === 0) return;
    try {
      await write(batch);
    } catch (error) {
      pending = [...batch, ...pending].slice(-PENDING_MAX);
      options.logger.warn({ error, pending: pending.length }, 'room history waits for Postgres');
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(writePending).then(() => {
      if (pending.length > 0) schedule();
    });
    return writing;
  }

  function schedule(): void {
    timer ??= setTimeout(() => void flush(), FLUSH_AFTER_MS);
  }

  async function copiedMs(roomId: string): Promise<number> {
    const known = copiedUntilMs.get(roomId);
    if (known !== undefined) return known;
    const [row] = await options.db.query<{ ms: number }>({
      text: `SELECT coalesce(extract(epoch FROM max(at)) * 1000, 0)::float8 AS ms FROM room_events
             WHERE room_id = $1 AND kind = ANY($2::room_event_kind[])`,
      values: [roomId, [...END_KINDS]],
    });
    return (row?.ms ?? 0) - COPY_OVERLAP_MS;
  }

  function record(event: RoomEvent): void {
    pending.push(event);
    if (pending.length > PENDING_MAX) pending.shift();
    schedule();
  }

  return {
    record,
    recordEnds(roomId, ends, at) {
      for (let index = 0; index + 2 < ends.length; index += 3) {
        const [customerId = 0, seq = 0, code = 0] = ends.slice(index, index + 3);
        record({ roomId, customerId, seq, kind: endKind(code), at });
      }
    },
    async keep(event) {
      const written = await within(KEEP_PATIENCE_MS, write([event])).catch(() => false);
      if (!written) record(event);
    },
    write,
    flush,
    async ofCustomer(customerId, limit) {
      const rows = await options.db.prisma.roomEvent.findMany({
        where: { customerId },
        orderBy: { id: 'desc' },
        take: limit,
      });
      return rows.map((row) => ({
        roomId: row.roomId,
        customerId,
        seq: Number(row.seq),
        kind: row.kind,
        at: row.at,
      }));
    },
    async copyEnds(roomId) {
      const fromMs = await copiedMs(roomId);
      const rows = await options.redis.zrangebyscore(
        roomKeys(roomId).ended,
        Math.max(0, fromMs + TOMBSTONE_MS) * 8,
        '+inf',
        'WITHSCORES',
        'LIMIT',
        0,
        COPY_ROWS_MAX,
      );
      const ends = parseEnds(roomId, rows);
      await write(ends);
      const last = ends.at(-1);
      copiedUntilMs.set(roomId, last?.at.getTime() ?? fromMs);
      return ends.length;
    },
    async close() {
      await flush();
      clearTimeout(timer);
    },
  };
}

/** Members are `customer:seq`, scores the tombstone's expiry in ms times 8 plus the code of the end. */
function parseEnds(roomId: string, rows: string[]): RoomEvent[] {
  const ends: RoomEvent[] = [];
  for (let index = 0; index + 1 < rows.length; index += 2) {
    const [customer, seq] = (rows[index] ?? '').split(':');
    const score = Number(rows[index + 1]);
    const kind = endKind(score % 8);
    const at = new Date(Math.floor(score / 8) - TOMBSTONE_MS);
    ends.push({ roomId, customerId: Number(customer), seq: Number(seq), kind, at });
  }
  return ends;
}

import { createBoundedCache } from '../platform/bounded-cache.ts';
import type { Database } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';

export interface ConcertSummary {
  concertId: number;
  concertName: string;
  artist: string;
  saleBeginAt: string;
  saleEndAt: string;
  roomId: string;
  onSale: boolean;
}

/** One performance, as buyers see it. `price` in won. */
export interface Performance {
  optionId: number;
  optionName: string;
  performAt: string;
  price: number;
  capacityLimit: number;
  availableSeats: number;
}

export interface ConcertDetail extends ConcertSummary {
  performances: Performance[];
}

/** What a reservation is checked against; at most a second old. */
export interface SaleConcert {
  concertId: number;
  concertName: string;
  roomId: string;
  saleBeginAt: Date;
  saleEndAt: Date;
  options: Map<number, SaleOption>;
  /** Postgres' clock now, ms since 1970: read with the rest, and carried on by this machine's monotonic one. */
  nowMs: () => number;
}

export interface SaleOption {
  optionId: number;
  optionName: string;
  performAt: Date;
  price: number;
  capacityLimit: number;
  refundUntil: Date | null;
  cancelled: boolean;
}

export interface ConcertPage {
  items: ConcertSummary[];
  next: number | null;
}

export interface Concerts {
  /** By id, oldest first, those behind `cursor`. */
  list(cursor: number | undefined): Promise<ConcertPage>;
  /** The same for a crowd: at most a second old. */
  listed(cursor: number | undefined): Promise<ConcertPage>;
  /** With all its performances that were not cancelled. @throws CONCERT_NOT_FOUND */
  get(concertId: number): Promise<ConcertDetail>;
  /** Performances on sale, in the future, and not sold out unless asked for. @throws CONCERT_NOT_FOUND */
  options(concertId: number, request: { includeSoldOut: boolean }): Promise<Performance[]>;
  sale(concertId: number): Promise<SaleConcert | undefined>;
  /** After a change in this process. */
  forget(concertId: number): void;
}

const FRESH_MS = 1_000;
const CACHED_MAX = 2_000;
const PAGE_SIZE = 50;
const PAGES_CACHED_MAX = 100;

export function createConcerts(db: Database): Concerts {
  const details = createBoundedCache({
    read: (concertId: number) => readDetail(db, concertId),
    freshMs: () => FRESH_MS,
    sizeMax: CACHED_MAX,
  });
  const sales = createBoundedCache({
    read: (concertId: number) => readSale(db, concertId),
    freshMs: () => FRESH_MS,
    sizeMax: CACHED_MAX,
  });
  const pages = createBoundedCache({
    read: (cursor: number) => readPage(db, cursor),
    freshMs: () => FRESH_MS,
    sizeMax: PAGES_CACHED_MAX,
  });

  async function get(concertId: number): Promise<ConcertDetail> {
    const detail = await details.get(concertId);
    if (!detail) throw new AppError('CONCERT_NOT_FOUND');
    return detail;
  }

  return {
    list: (cursor = 0) => readPage(db, cursor),
    listed: (cursor = 0) => pages.get(cursor),
    get,
    async options(concertId, { includeSoldOut }) {
      const [{ onSale, performances }, sale] = await Promise.all([
        get(concertId),
        sales.get(concertId),
      ]);
      if (!onSale || !sale) return [];
      const now = sale.nowMs();
      return performances.filter(
        (one) => Date.parse(one.performAt) > now && (includeSoldOut || one.availableSeats > 0),
      );
    },
    sale: (concertId) => sales.get(concertId),
    forget(concertId) {
      details.forget(concertId);
      sales.forget(concertId);
      pages.forgetAll();
    },
  };
}

interface ConcertRow {
  id: number;
  name: string;
  artist: string;
  room_id: string;
  sale_begin_at: Date;
  sale_end_at: Date;
  on_sale: boolean;
}

const CONCERT_COLUMNS = `c.id, c.name, c.artist, c.room_id, c.sale_begin_at, c.sale_end_at,
  clock_timestamp() >= c.sale_begin_at AND clock_timestamp() < c.sale_end_at AS on_sale`;

function summaryFromRow(row: ConcertRow): ConcertSummary {
  return {
    concertId: row.id,
    concertName: row.name,
    artist: row.artist,
    saleBeginAt: row.sale_begin_at.toISOString(),
    saleEndAt: row.sale_end_at.toISOString(),
    roomId: row.room_id,
    onSale: row.on_sale,
  };
}

async function readPage(db: Database, cursor: number): Promise<ConcertPage> {
  const rows = await db.query<ConcertRow>({
    name: 'concerts-list',
    text: `SELECT ${CONCERT_COLUMNS} FROM concerts c WHERE c.id > $1 ORDER BY c.id LIMIT $2`,
    values: [cursor, PAGE_SIZE],
  });
  const items = rows.map(summaryFromRow);
  return { items, next: items.length === PAGE_SIZE ? (items.at(-1)?.concertId ?? null) : null };
}

async function readDetail(db: Database, concertId: number): Promise<ConcertDetail | undefined> {
  const [[concert], options] = await Promise.all([
    db.query<ConcertRow>({
      name: 'concert-get',
      text: `SELECT ${CONCERT_COLUMNS} FROM concerts c WHERE c.id = $1`,
      values: [concertId],
    }),
    db.query<{
      id: number;
      name: string;
      perform_at: Date;
      price: number;
      capacity_limit: number;
      taken: number;
    }>({
      name: 'concert-options',
      // A hold whose time is over takes no seat, whoever tidies it up and when.
      text: `SELECT o.id, o.name, o.perform_at, o.price, o.capacity_limit,
               (SELECT count(*) FROM tickets t LEFT JOIN reservations r ON r.id = t.reservation_id
                WHERE t.option_id = o.id AND t.live
                  AND NOT coalesce(r.status = 'HELD' AND r.expires_at <= clock_timestamp(), false)) AS taken
             FROM options o WHERE o.concert_id = $1 AND o.cancelled_at IS NULL
             ORDER BY o.perform_at, o.id`,
      values: [concertId],
    }),
  ]);
  if (!concert) return undefined;
  return {
    ...summaryFromRow(concert),
    performances: options.map((row) => ({
      optionId: row.id,
      optionName: row.name,
      performAt: row.perform_at.toISOString(),
      price: row.price,
      capacityLimit: row.capacity_limit,
      availableSeats: row.capacity_limit - row.taken,
    })),
  };
}

async function readSale(db: Database, concertId: number): Promise<SaleConcert | undefined> {
  const rows = await db.query<
    ConcertRow & {
      now_at: Date;
      option_id: number | null;
      option_name: string;
      perform_at: Date;
      price: number;
      capacity_limit: number;
      refund_until: Date | null;
      cancelled: boolean;
    }
  >({
    name: 'concert-sale',
    text: `SELECT ${CONCERT_COLUMNS}, clock_timestamp() AS now_at, o.id AS option_id, o.name AS option_name, o.perform_at, o.price,
                  o.capacity_limit, o.refund_until, o.cancelled_at IS NOT NULL AS cancelled
           FROM concerts c LEFT JOIN options o ON o.concert_id = c.id WHERE c.id = $1`,
    values: [concertId],
  });
  const [concert] = rows;
  if (!concert) return undefined;
  const monotonicToClockMs = concert.now_at.getTime() - performance.now();
  const options = new Map<number, SaleOption>();
  for (const row of rows) {
    if (row.option_id === null) continue;
    options.set(row.option_id, {
      optionId: row.option_id,
      optionName: row.option_name,
      performAt: row.perform_at,
      price: row.price,
      capacityLimit: row.capacity_limit,
      refundUntil: row.refund_until,
      cancelled: row.cancelled,
    });
  }
  return {
    concertId,
    concertName: concert.name,
    roomId: concert.room_id,
    saleBeginAt: concert.sale_begin_at,
    saleEndAt: concert.sale_end_at,
    options,
    nowMs: () => monotonicToClockMs + performance.now(),
  };
}

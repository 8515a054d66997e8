import { type Actor, auditStatement } from '../platform/audit.ts';
import { violatedConstraint } from '../platform/database-errors.ts';
import { AppError } from '../platform/errors.ts';
import type { ReservationsOptions } from './options.ts';
import { expireBlockersStatement } from './transitions.ts';

export interface BlockRequest {
  concertId: number;
  optionId: number;
  /** Seat numbers, without duplicates. */
  seats: number[];
  actor: Actor;
}

/** Nobody has this id: blocks are in nobody's way but that of the seats' due holds. */
const NOBODY = 0;

/**
 * Takes seats out of sale, all or none: a block is a ticket without a reservation, so that the unique index
 * that judges buyers judges operators too.
 *
 * @throws OPTION_NOT_FOUND, SEAT_NOT_FOUND, ALREADY_TAKEN (with the seats that are held, sold or blocked)
 */
export async function blockSeats(
  options: ReservationsOptions,
  request: BlockRequest,
): Promise<void> {
  const { concertId, optionId, actor } = request;
  const seats = [...request.seats].sort((a, b) => a - b);
  const optionIds = seats.map(() => optionId);
  try {
    await options.db.transaction(async (tx) => {
      const [rows] = await tx.batch([
        {
          text: 'SELECT capacity_limit FROM options WHERE id = $1 AND concert_id = $2 FOR KEY SHARE',
          values: [optionId, concertId],
        },
        expireBlockersStatement({ customerId: NOBODY, optionIds, seats }),
      ]);
      if (!rows?.[0]) throw new AppError('OPTION_NOT_FOUND');
      const missing = seats.filter((seat) => seat > rows[0].capacity_limit);
      if (missing.length > 0) throw new AppError('SEAT_NOT_FOUND', { details: { seats: missing } });
      await tx.commitWith([
        {
          text: `INSERT INTO tickets (option_id, seat, price, live)
                 SELECT $1, seat, 0, true FROM unnest($2::int[]) AS seat ORDER BY seat`,
          values: [optionId, seats],
        },
        auditStatement({
          actor,
          action: 'seats.block',
          target: `option:${optionId}`,
          after: { seats },
        }),
      ]);
    });
  } catch (error) {
    if (violatedConstraint(error) !== 'tickets_one_live_per_seat') throw error;
    const taken = await options.db.query<{ seat: number }>({
      text: 'SELECT seat FROM tickets WHERE option_id = $1 AND seat = ANY($2::int[]) AND live ORDER BY seat',
      values: [optionId, seats],
    });
    throw new AppError('ALREADY_TAKEN', {
      details: { seats: taken.map((row) => ({ optionId, seatId: row.seat })) },
    });
  }
}

/** @returns how many seats were given back to the sale. @throws OPTION_NOT_FOUND */
export async function unblockSeats(
  options: ReservationsOptions,
  { concertId, optionId, seats, actor }: BlockRequest,
): Promise<number> {
  return options.db.transaction(async (tx) => {
    const [found] = await tx.batch([
      {
        text: 'SELECT 1 FROM options WHERE id = $1 AND concert_id = $2',
        values: [optionId, concertId],
      },
    ]);
    if (!found?.[0]) throw new AppError('OPTION_NOT_FOUND');
    const [rows] = await tx.commitWith([
      {
        text: `UPDATE tickets SET live = false
               WHERE option_id = $1 AND seat = ANY($2::int[]) AND live AND reservation_id IS NULL RETURNING seat`,
        values: [optionId, seats],
      },
      auditStatement({
        actor,
        action: 'seats.unblock',
        target: `option:${optionId}`,
        after: { seats },
      }),
    ]);
    return rows?.length ?? 0;
  });
}

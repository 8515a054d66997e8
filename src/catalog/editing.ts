import type { Prisma } from '../generated/prisma/client.ts';
import { type Actor, recordAudit } from '../platform/audit.ts';
import type { Database } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';

export interface ConcertInput {
  concertName: string;
  artist: string;
  roomId: string;
  saleBeginAt: Date;
  saleEndAt: Date;
}

export interface OptionInput {
  optionName: string;
  performAt: Date;
  price: number;
  capacityLimit: number;
  refundUntil: Date | null;
}

export interface AdminConcert extends ConcertInput {
  concertId: number;
}

export interface AdminOption extends OptionInput {
  optionId: number;
  concertId: number;
  cancelledAt: Date | null;
}

/** Changes to the catalog, each in one transaction with its line in the audit. */
export interface Editing {
  /** @throws ROOM_NOT_FOUND */
  createConcert(input: ConcertInput, actor: Actor): Promise<AdminConcert>;
  /** @throws CONCERT_NOT_FOUND, ROOM_NOT_FOUND, ILLEGAL_ARGUMENTS (a sale that ends before it begins) */
  updateConcert(id: number, changes: Partial<ConcertInput>, actor: Actor): Promise<AdminConcert>;
  options(concertId: number): Promise<AdminOption[]>;
  /** @throws CONCERT_NOT_FOUND */
  createOption(concertId: number, input: OptionInput, actor: Actor): Promise<AdminOption>;
  /** @throws OPTION_NOT_FOUND, RESERVATION_STATE_CONFLICT (fewer seats than are taken) */
  updateOption(
    id: { concertId: number; optionId: number },
    changes: Partial<OptionInput>,
    actor: Actor,
  ): Promise<AdminOption>;
}

/** @param changed is told which concert changed, after the commit */
export function createEditing(options: {
  db: Database;
  changed: (concertId: number) => void;
}): Editing {
  const { prisma } = options.db;

  async function committed<T extends { concertId: number }>(
    work: (tx: Prisma.TransactionClient) => Promise<T>,
  ): Promise<T> {
    const result = await prisma.$transaction(work);
    options.changed(result.concertId);
    return result;
  }

  return {
    createConcert: (input, actor) =>
      committed(async (tx) => {
        await requireRoom(tx, input.roomId);
        requireOrder(input);
        const after = concertFromRow(await tx.concert.create({ data: concertData(input) }));
        const target = `concert:${after.concertId}`;
        await recordAudit(tx, { actor, action: 'concert.create', target, after });
        return after;
      }),

    updateConcert: (id, changes, actor) =>
      committed(async (tx) => {
        const row = await tx.concert.findUnique({ where: { id } });
        if (!row) throw new AppError('CONCERT_NOT_FOUND');
        const before = concertFromRow(row);
        const wanted = { ...before, ...changes };
        await requireRoom(tx, wanted.roomId);
        requireOrder(wanted);
        const after = concertFromRow(
          await tx.concert.update({ where: { id }, data: concertData(wanted) }),
        );
        const target = `concert:${id}`;
        await recordAudit(tx, { actor, action: 'concert.update', target, before, after });
        return after;
      }),

    async options(concertId) {
      const rows = await prisma.option.findMany({
        where: { concertId },
        orderBy: [{ performAt: 'asc' }, { id: 'asc' }],
      });
      return rows.map(optionFromRow);
    },

    createOption: (concertId, input, actor) =>
      committed(async (tx) => {
        const concert = await tx.concert.findUnique({ where: { id: concertId } });
        if (!concert) throw new AppError('CONCERT_NOT_FOUND');
        const after = optionFromRow(
          await tx.option.create({ data: { ...optionData(input), concertId } }),
        );
        const target = `option:${after.optionId}`;
        await recordAudit(tx, { actor, action: 'option.create', target, after });
        return after;
      }),

    updateOption: ({ concertId, optionId }, changes, actor) =>
      committed(async (tx) => {
        // Reserve locks the row for key share: no seat beyond a smaller capacity is taken meanwhile.
        await tx.$queryRaw`SELECT 1 FROM options WHERE id = ${optionId} FOR UPDATE`;
        const row = await tx.option.findFirst({ where: { id: optionId, concertId } });
        if (!row) throw new AppError('OPTION_NOT_FOUND');
        const before = optionFromRow(row);
        const wanted = { ...before, ...changes };
        const { _max } = await tx.ticket.aggregate({
          where: { optionId, live: true },
          _max: { seat: true },
        });
        if (wanted.capacityLimit < (_max.seat ?? 0)) {
          throw new AppError('RESERVATION_STATE_CONFLICT', { details: { highestSeat: _max.seat } });
        }
        const after = optionFromRow(
          await tx.option.update({ where: { id: optionId }, data: optionData(wanted) }),
        );
        const target = `option:${optionId}`;
        await recordAudit(tx, { actor, action: 'option.update', target, before, after });
        return after;
      }),
  };
}

async function requireRoom(tx: Prisma.TransactionClient, roomId: string): Promise<void> {
  if (!(await tx.room.findUnique({ where: { id: roomId } }))) throw new AppError('ROOM_NOT_FOUND');
}

function requireOrder(input: ConcertInput): void {
  if (input.saleEndAt > input.saleBeginAt) return;
  throw new AppError('ILLEGAL_ARGUMENTS', {
    details: { errors: [{ path: 'saleEndAt', message: 'must be after saleBeginAt' }] },
  });
}

function concertData(input: ConcertInput) {
  const { concertName, artist, roomId, saleBeginAt, saleEndAt } = input;
  return { name: concertName, artist, roomId, saleBeginAt, saleEndAt };
}

function concertFromRow(row: {
  id: bigint;
  name: string;
  artist: string;
  roomId: string;
  saleBeginAt: Date;
  saleEndAt: Date;
}): AdminConcert {
  const { id, name, artist, roomId, saleBeginAt, saleEndAt } = row;
  return { concertId: Number(id), concertName: name, artist, roomId, saleBeginAt, saleEndAt };
}

function optionData(input: OptionInput) {
  const { optionName, performAt, price, capacityLimit, refundUntil } = input;
  return { name: optionName, performAt, price, capacityLimit, refundUntil };
}

function optionFromRow(row: {
  id: bigint;
  concertId: bigint;
  name: string;
  performAt: Date;
  price: bigint;
  capacityLimit: number;
  refundUntil: Date | null;
  cancelledAt: Date | null;
}): AdminOption {
  return {
    optionId: Number(row.id),
    concertId: Number(row.concertId),
    optionName: row.name,
    performAt: row.performAt,
    price: Number(row.price),
    capacityLimit: row.capacityLimit,
    refundUntil: row.refundUntil,
    cancelledAt: row.cancelledAt,
  };
}

import { z } from 'zod';

/** Shapes that several operations share. Ids and money are safe positive integers, times ISO 8601 in UTC. */
export const id = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
export const pathId = z
  .string()
  .regex(/^[1-9]\d{0,15}$/, 'must be a positive integer')
  .transform(Number)
  .refine(Number.isSafeInteger, 'is too large');
const cursor = z
  .string()
  .regex(/^\d{1,16}$/, 'must be a cursor from `next`')
  .transform(Number)
  .refine(Number.isSafeInteger, 'is too large')
  .optional();
export const time = z.iso.datetime();
export const inputTime = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine((date) => date.getUTCFullYear() < 10_000 && date.getTime() > 0, 'is out of range');
export const roomId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, - or _');
/** Text that a person wrote: no control characters, no half surrogates. */
export const text = (min: number, max: number) =>
  z
    .string()
    .trim()
    .min(min)
    .max(max)
    .refine((value) => !/\p{Cc}|\p{Cs}/u.test(value.replace(/\n/g, '')), 'has control characters');
export const eta = z.object({ p50: z.number(), p90: z.number() }).nullable();

export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.number().nullable() });

export const pageQuery = z.object({ cursor });
export const PAGE_SIZE = 50;

export const concert = z.object({
  concertId: id,
  concertName: z.string(),
  artist: z.string(),
  saleBeginAt: time,
  saleEndAt: time,
  roomId: z.string(),
  onSale: z.boolean(),
});

export const reservationStatus = z.enum(['HELD', 'CONFIRMED', 'EXPIRED', 'CANCELLED', 'REFUNDED']);
export const ticket = z.object({
  ticketId: id,
  reserverName: z.string(),
  concertId: id,
  concertName: z.string(),
  optionId: id,
  optionName: z.string(),
  performAt: time,
  optionPrice: z.number().int(),
  status: reservationStatus,
  seatId: id,
  reservedAt: time,
});
export const reservation = z.object({
  reservationId: id,
  status: reservationStatus,
  expiresAt: time,
  remainingTime: z.number().int(),
  total: z.number().int(),
  tickets: z.array(ticket),
});

import { z } from 'zod';
import { requireSame } from '../auth.ts';
import { answerKeyed, idempotencyOf } from '../idempotency.ts';
import { defineRoute, type Route } from '../route.ts';
import {
  id,
  PAGE_SIZE,
  page,
  pageQuery,
  pathId,
  reservation,
  reservationStatus,
  text,
  ticket,
} from '../schemas.ts';

const tag = 'Reservations';
const PAY_ITEMS_MAX = 10;
const payItem = z.object({
  payMethod: z.string().min(1).max(30),
  payAmount: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
});
const params = z.object({ reservationId: pathId });

/** @param seatsPerReservationMax how many seats one request may ask for */
export function reservationRoutes(seatsPerReservationMax: number): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/reservation/reserve',
      operationId: 'reserve',
      tag,
      summary: 'Hold seats, all or none',
      auth: 'queue',
      idempotent: true,
      body: z.object({
        reserver: z.object({ customerId: id, reserverName: text(1, 100) }),
        concertId: id,
        performances: z
          .array(z.object({ optionId: id, seatId: id.max(1_000_000) }))
          .min(1)
          .max(seatsPerReservationMax)
          .refine(
            (seats) => new Set(seats.map((s) => `${s.optionId}:${s.seatId}`)).size === seats.length,
            'names a seat twice',
          ),
      }),
      reply: reservation,
      errors: [
        'CUSTOMER_MISMATCH',
        'CUSTOMER_NOT_FOUND',
        'CUSTOMER_INACTIVE',
        'QUEUE_NOT_ACTIVE',
        'CONCERT_NOT_FOUND',
        'CONCERT_NOT_ON_SALE',
        'OPTION_NOT_FOUND',
        'PERFORMANCE_PASSED',
        'SEAT_NOT_FOUND',
        'ALREADY_TAKEN',
        'HOLD_EXISTS',
        'SEAT_LIMIT_EXCEEDED',
        'OUT_OF_BUDGET',
      ],
      async handle({ body }, context) {
        const { customerId, reserverName } = body.reserver;
        requireSame(context.caller, customerId);
        const held = await context.services.reservations.reserve({
          customerId,
          reserverName,
          slot: context.caller,
          concertId: body.concertId,
          performances: body.performances,
          idempotency: idempotencyOf(context, body),
        });
        return answerKeyed(context, held);
      },
    }),
    defineRoute({
      method: 'post',
      path: '/reservation/pay',
      operationId: 'pay',
      tag,
      summary: 'Pay the live hold exactly',
      auth: 'customer',
      idempotent: true,
      body: z.object({
        customerId: id,
        pay: z.array(payItem).min(1).max(PAY_ITEMS_MAX),
        reservationId: id.optional(),
      }),
      reply: z.object({
        customerId: id,
        tickets: z.array(ticket),
        pay: z.array(payItem),
        paymentId: id,
        reservationId: id,
        balance: z.number().int(),
      }),
      errors: [
        'CUSTOMER_MISMATCH',
        'UNSUPPORTED_PAY_METHOD',
        'PAY_AMOUNT_MISMATCH',
        'OUT_OF_BUDGET',
        'RESERVATION_NOT_FOUND',
        'ALREADY_PAID',
        'HOLD_EXPIRED',
        'RESERVATION_STATE_CONFLICT',
      ],
      async handle({ body }, context) {
        requireSame(context.caller, body.customerId);
        const paid = await context.services.reservations.pay({
          ...body,
          idempotency: idempotencyOf(context, body),
        });
        return answerKeyed(context, paid);
      },
    }),
    defineRoute({
      method: 'get',
      path: '/reservation',
      operationId: 'listReservations',
      tag,
      summary: "The customer's own reservations, newest first",
      auth: 'customer',
      query: pageQuery.extend({ status: reservationStatus.optional() }),
      reply: page(reservation),
      handle: ({ query }, { services, caller }) =>
        services.reservations.list({ customerId: caller.customerId, ...query, limit: PAGE_SIZE }),
    }),
    defineRoute({
      method: 'get',
      path: '/reservation/{reservationId}',
      operationId: 'getReservation',
      tag,
      summary: 'One of the own reservations',
      auth: 'customer',
      params,
      reply: reservation,
      errors: ['RESERVATION_NOT_FOUND'],
      handle: ({ params: { reservationId } }, { services, caller }) =>
        services.reservations.get({ customerId: caller.customerId, reservationId }),
    }),
    defineRoute({
      method: 'delete',
      path: '/reservation/{reservationId}',
      operationId: 'cancelReservation',
      tag,
      summary: 'Give a live hold back',
      auth: 'customer',
      params,
      errors: ['RESERVATION_NOT_FOUND', 'RESERVATION_STATE_CONFLICT'],
      handle: ({ params: { reservationId } }, { services, caller }) =>
        services.reservations.cancel({ customerId: caller.customerId, reservationId }),
    }),
    defineRoute({
      method: 'post',
      path: '/reservation/{reservationId}/refund',
      operationId: 'refundReservation',
      tag,
      summary: 'Give a paid reservation back, while its policy allows',
      auth: 'customer',
      idempotent: true,
      params,
      body: z.object({}).optional(),
      reply: reservation.extend({ refunded: z.number().int(), balance: z.number().int() }),
      errors: ['RESERVATION_NOT_FOUND', 'RESERVATION_STATE_CONFLICT'],
      async handle({ params: { reservationId } }, context) {
        const refunded = await context.services.reservations.refund({
          customerId: context.caller.customerId,
          reservationId,
          idempotency: idempotencyOf(context, { reservationId }),
        });
        return answerKeyed(context, refunded);
      },
    }),
  ];
}

import { z } from 'zod';
import { CHARGE_MAX, CHARGE_MIN } from '../../payments/points.ts';
import { requireSame } from '../auth.ts';
import { answerKeyed, idempotencyOf } from '../idempotency.ts';
import { defineRoute, type Route } from '../route.ts';
import { id, PAGE_SIZE, page, pageQuery, time } from '../schemas.ts';

const tag = 'Customer';

export const pointRoutes: Route[] = [
  defineRoute({
    method: 'post',
    path: '/customer/point/balance',
    operationId: 'pointBalance',
    tag,
    summary: 'Points, and what the live hold will cost of them',
    auth: 'customer',
    body: z.object({ customerId: id }),
    reply: z.object({ customerId: id, balance: z.number().int(), heldAmount: z.number().int() }),
    errors: ['CUSTOMER_MISMATCH', 'CUSTOMER_NOT_FOUND'],
    async handle({ body }, { services, caller }) {
      requireSame(caller, body.customerId);
      return { customerId: body.customerId, ...(await services.points.balance(body.customerId)) };
    },
  }),
  defineRoute({
    method: 'post',
    path: '/customer/point/charge',
    operationId: 'chargePoints',
    tag,
    summary: 'Add points',
    auth: 'customer',
    idempotent: true,
    body: z.object({
      customerId: id,
      amount: z.number().int().min(CHARGE_MIN).max(CHARGE_MAX),
    }),
    sentences: {
      'amount:too_small': {
        ko: '충전 금액은 10원 이상이어야 합니다.',
        en: 'The amount must be at least 10 won.',
      },
    },
    reply: z.object({ customerId: id, balance: z.number().int(), transferId: id }),
    errors: ['CUSTOMER_MISMATCH', 'CUSTOMER_NOT_FOUND', 'CUSTOMER_INACTIVE'],
    async handle({ body }, context) {
      const { customerId, amount } = body;
      requireSame(context.caller, customerId);
      const idempotency = idempotencyOf(context, body);
      const charge = await context.services.points.charge({ customerId, amount, idempotency });
      return { customerId, ...answerKeyed(context, charge) };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/customer/point/history',
    operationId: 'pointHistory',
    tag,
    summary: 'Movements of points, newest first',
    auth: 'customer',
    query: pageQuery,
    reply: page(
      z.object({
        transferId: id,
        kind: z.enum(['GRANT', 'CHARGE', 'PAY', 'REFUND']),
        amount: z.number().int(),
        balance: z.number().int(),
        at: time,
        ref: z.string(),
      }),
    ),
    handle: ({ query }, { services, caller }) =>
      services.points.history({ ...caller, cursor: query.cursor, limit: PAGE_SIZE }),
  }),
];

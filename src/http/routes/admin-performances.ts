import { z } from 'zod';
import type { AdminOption } from '../../catalog/editing.ts';
import { AppError } from '../../platform/errors.ts';
import { defined } from '../defined.ts';
import { defineRoute, type Route } from '../route.ts';
import { id, inputTime, pathId, text, time } from '../schemas.ts';

const tag = 'Catalog';
const SEATS_MAX = 100_000;
const SEATS_PER_BLOCK_MAX = 1_000;

const optionFields = {
  optionName: text(1, 200),
  performAt: inputTime,
  price: z.number().int().min(0).max(1_000_000_000),
  capacityLimit: z.number().int().min(1).max(SEATS_MAX),
  refundUntil: inputTime.nullable(),
};
const option = z.object({
  ...optionFields,
  optionId: id,
  concertId: id,
  performAt: time,
  refundUntil: time.nullable(),
  cancelledAt: time.nullable(),
});
const concertParams = z.object({ concertId: pathId });
const optionParams = z.object({ concertId: pathId, optionId: pathId });
const seatsBody = z.object({
  seats: z
    .array(z.number().int().min(1).max(SEATS_MAX))
    .min(1)
    .max(SEATS_PER_BLOCK_MAX)
    .refine((seats) => new Set(seats).size === seats.length, 'names a seat twice'),
});
const cancelled = z.object({
  optionId: id,
  cancelledAt: time,
  remaining: z.number().int(),
  givenBack: z.number().int(),
});

/** Performances of a concert: their seats, and cancelling one. */
export const adminPerformanceRoutes: Route[] = [
  defineRoute({
    method: 'get',
    path: '/admin/concerts/{concertId}/options',
    operationId: 'adminListOptions',
    tag,
    summary: 'All performances, cancelled ones too',
    auth: 'admin',
    params: concertParams,
    reply: z.object({ items: z.array(option) }),
    async handle({ params }, { services }) {
      const items = await services.catalog.editing.options(params.concertId);
      return { items: items.map(optionDocument) };
    },
  }),
  defineRoute({
    method: 'post',
    path: '/admin/concerts/{concertId}/options',
    operationId: 'createOption',
    tag,
    summary: 'A new performance',
    auth: 'admin',
    status: 201,
    params: concertParams,
    body: z.object({ ...optionFields, refundUntil: optionFields.refundUntil.default(null) }),
    reply: option,
    errors: ['CONCERT_NOT_FOUND'],
    async handle({ params, body }, { services, caller }) {
      const { editing } = services.catalog;
      return optionDocument(await editing.createOption(params.concertId, body, caller));
    },
  }),
  defineRoute({
    method: 'patch',
    path: '/admin/concerts/{concertId}/options/{optionId}',
    operationId: 'updateOption',
    tag,
    summary: 'Change a performance; tickets keep the price they were sold at',
    auth: 'admin',
    params: optionParams,
    body: z.object(optionFields).partial(),
    reply: option,
    errors: ['OPTION_NOT_FOUND', 'RESERVATION_STATE_CONFLICT'],
    async handle({ params, body }, { services, caller }) {
      const { editing } = services.catalog;
      return optionDocument(await editing.updateOption(params, defined(body), caller));
    },
  }),
  defineRoute({
    method: 'post',
    path: '/admin/concerts/{concertId}/options/{optionId}/blocks',
    operationId: 'blockSeats',
    tag,
    summary: 'Take seats out of sale, all or none',
    auth: 'admin',
    params: optionParams,
    body: seatsBody,
    errors: ['OPTION_NOT_FOUND', 'SEAT_NOT_FOUND', 'ALREADY_TAKEN'],
    handle: ({ params, body }, { services, caller }) =>
      services.reservations.blockSeats({ ...params, ...body, actor: caller }),
  }),
  defineRoute({
    method: 'delete',
    path: '/admin/concerts/{concertId}/options/{optionId}/blocks',
    operationId: 'unblockSeats',
    tag,
    summary: 'Give blocked seats back to the sale',
    auth: 'admin',
    status: 200,
    params: optionParams,
    body: seatsBody,
    reply: z.object({ unblocked: z.number().int() }),
    errors: ['OPTION_NOT_FOUND'],
    async handle({ params, body }, { services, caller }) {
      const request = { ...params, ...body, actor: caller };
      return { unblocked: await services.reservations.unblockSeats(request) };
    },
  }),
  defineRoute({
    method: 'post',
    path: '/admin/concerts/{concertId}/options/{optionId}/cancel',
    operationId: 'cancelPerformance',
    tag,
    summary: 'Cancel a performance and give every reservation of it back; `confirm` is its name',
    auth: 'admin',
    status: 202,
    params: optionParams,
    body: z.object({ confirm: z.string() }),
    reply: cancelled,
    errors: ['OPTION_NOT_FOUND'],
    async handle({ params, body }, { services, caller }) {
      const options = await services.catalog.editing.options(params.concertId);
      const found = options.find((one) => one.optionId === params.optionId);
      if (!found) throw new AppError('OPTION_NOT_FOUND');
      if (body.confirm !== found.optionName) {
        throw new AppError('ILLEGAL_ARGUMENTS', {
          details: {
            errors: [{ path: 'confirm', message: `must be the name of the performance` }],
          },
        });
      }
      return services.reservations.cancelPerformance({ ...params, actor: caller });
    },
  }),
  defineRoute({
    method: 'get',
    path: '/admin/concerts/{concertId}/options/{optionId}/cancel',
    operationId: 'cancelledPerformance',
    tag,
    summary: 'How far giving back has come',
    auth: 'admin',
    params: optionParams,
    reply: cancelled,
    errors: ['OPTION_NOT_FOUND', 'RESERVATION_STATE_CONFLICT'],
    handle: ({ params }, { services }) => services.reservations.cancelledPerformance(params),
  }),
];

function optionDocument(row: AdminOption) {
  return {
    ...row,
    performAt: row.performAt.toISOString(),
    refundUntil: row.refundUntil?.toISOString() ?? null,
    cancelledAt: row.cancelledAt?.toISOString() ?? null,
  };
}

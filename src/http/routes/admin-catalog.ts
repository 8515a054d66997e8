import { z } from 'zod';
import type { AdminConcert, AdminOption } from '../../catalog/editing.ts';
import { AppError } from '../../platform/errors.ts';
import { defined } from '../defined.ts';
import { defineRoute, type Route } from '../route.ts';
import {
  id,
  inputTime,
  PAGE_SIZE,
  page,
  pageQuery,
  pathId,
  roomId,
  text,
  time,
} from '../schemas.ts';

const tag = 'Catalog';
const SEATS_MAX = 100_000;
const SEATS_PER_BLOCK_MAX = 1_000;

const concertFields = {
  concertName: text(1, 200),
  artist: text(1, 200),
  roomId,
  saleBeginAt: inputTime,
  saleEndAt: inputTime,
};
const optionFields = {
  optionName: text(1, 200),
  performAt: inputTime,
  price: z.number().int().min(0).max(1_000_000_000),
  capacityLimit: z.number().int().min(1).max(SEATS_MAX),
  refundUntil: inputTime.nullable(),
};
const concert = z.object({
  ...concertFields,
  concertId: id,
  saleBeginAt: time,
  saleEndAt: time,
});
const option = z.object({
  ...optionFields,
  optionId: id,
  concertId: id,
  performAt: time,
  refundUntil: time.nullable(),
  cancelledAt: time.nullable(),
});
const customer = z.object({
  customerId: id,
  name: z.string(),
  active: z.boolean(),
  createdAt: time,
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

const concertRoutes: Route[] = [
  defineRoute({
    method: 'get',
    path: '/admin/concerts',
    operationId: 'adminListConcerts',
    tag,
    summary: 'All concerts',
    auth: 'admin',
    query: pageQuery,
    reply: page(concert.extend({ onSale: z.boolean() })),
    handle: ({ query }, { services }) =>
      services.catalog.concerts.list({ cursor: query.cursor, limit: PAGE_SIZE }),
  }),
  defineRoute({
    method: 'post',
    path: '/admin/concerts',
    operationId: 'createConcert',
    tag,
    summary: 'A new concert',
    auth: 'admin',
    status: 201,
    body: z.object(concertFields),
    reply: concert,
    errors: ['ROOM_NOT_FOUND'],
    async handle({ body }, { services, caller }) {
      return concertDocument(await services.catalog.editing.createConcert(body, caller));
    },
  }),
  defineRoute({
    method: 'patch',
    path: '/admin/concerts/{concertId}',
    operationId: 'updateConcert',
    tag,
    summary: 'Change a concert',
    auth: 'admin',
    params: concertParams,
    body: z.object(concertFields).partial(),
    reply: concert,
    errors: ['CONCERT_NOT_FOUND', 'ROOM_NOT_FOUND'],
    async handle({ params, body }, { services, caller }) {
      const { editing } = services.catalog;
      return concertDocument(await editing.updateConcert(params.concertId, defined(body), caller));
    },
  }),
];

const optionRoutes: Route[] = [
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

const customerRoutes: Route[] = [
  defineRoute({
    method: 'get',
    path: '/admin/customers',
    operationId: 'adminListCustomers',
    tag,
    summary: 'All customers',
    auth: 'admin',
    query: pageQuery,
    reply: page(customer),
    handle: ({ query }, { services }) =>
      services.catalog.customers.list({ cursor: query.cursor, limit: PAGE_SIZE }),
  }),
  defineRoute({
    method: 'post',
    path: '/admin/customers',
    operationId: 'createCustomer',
    tag,
    summary: 'A new customer',
    auth: 'admin',
    status: 201,
    body: z.object({ name: text(0, 200).default(''), active: z.boolean().default(true) }),
    reply: customer,
    handle: ({ body }, { services, caller }) => services.catalog.customers.create(body, caller),
  }),
  defineRoute({
    method: 'patch',
    path: '/admin/customers/{customerId}',
    operationId: 'updateCustomer',
    tag,
    summary: 'Rename a customer, or suspend and readmit one',
    auth: 'admin',
    params: z.object({ customerId: pathId }),
    body: z.object({ name: text(0, 200), active: z.boolean() }).partial(),
    reply: customer,
    errors: ['CUSTOMER_NOT_FOUND'],
    handle: ({ params, body }, { services, caller }) =>
      services.catalog.customers.update(params.customerId, body, caller),
  }),
];

export const adminCatalogRoutes: Route[] = [...concertRoutes, ...optionRoutes, ...customerRoutes];

function concertDocument(row: AdminConcert) {
  return {
    ...row,
    saleBeginAt: row.saleBeginAt.toISOString(),
    saleEndAt: row.saleEndAt.toISOString(),
  };
}

function optionDocument(row: AdminOption) {
  return {
    ...row,
    performAt: row.performAt.toISOString(),
    refundUntil: row.refundUntil?.toISOString() ?? null,
    cancelledAt: row.cancelledAt?.toISOString() ?? null,
  };
}

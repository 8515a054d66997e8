import { z } from 'zod';
import type { AdminConcert } from '../../catalog/editing.ts';
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
import { adminPerformanceRoutes } from './admin-performances.ts';

const tag = 'Catalog';

const concertFields = {
  concertName: text(1, 200),
  artist: text(1, 200),
  roomId,
  saleBeginAt: inputTime,
  saleEndAt: inputTime,
};
const concert = z.object({
  ...concertFields,
  concertId: id,
  saleBeginAt: time,
  saleEndAt: time,
});
const customer = z.object({
  customerId: id,
  name: z.string(),
  active: z.boolean(),
  createdAt: time,
});
const concertParams = z.object({ concertId: pathId });

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
    handle: ({ query }, { services }) => services.catalog.concerts.list(query.cursor),
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

export const adminCatalogRoutes: Route[] = [
  ...concertRoutes,
  ...adminPerformanceRoutes,
  ...customerRoutes,
];

function concertDocument(row: AdminConcert) {
  return {
    ...row,
    saleBeginAt: row.saleBeginAt.toISOString(),
    saleEndAt: row.saleEndAt.toISOString(),
  };
}

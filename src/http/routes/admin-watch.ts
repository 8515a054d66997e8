import { z } from 'zod';
import { AppError } from '../../platform/errors.ts';
import { defineRoute, pageReplies, type Route } from '../route.ts';
import { id, PAGE_SIZE, page, pageQuery, pathId, reservation, ticket, time } from '../schemas.ts';

const tag = 'Control room';
const EVENTS_SHOWN = 100;
/** The background checks each minute; what is older than this says nothing about now. */
const CHECKS_FRESH_SECONDS = 300;

const outboxRow = z.object({
  outboxId: id,
  kind: z.string(),
  payload: z.any(),
  attempts: z.number().int(),
  lastError: z.string().nullable(),
  createdAt: time,
  availableAt: time,
  deliveredAt: time.nullable(),
});
const event = z.object({
  roomId: z.string(),
  seq: z.number().int(),
  kind: z.string(),
  at: time,
});

export const adminWatchRoutes: Route[] = [
  defineRoute({
    method: 'get',
    path: '/admin/customers/{customerId}',
    operationId: 'adminGetCustomer',
    tag,
    summary: "A customer's points, reservations, places and history",
    auth: 'admin',
    params: z.object({ customerId: pathId }),
    reply: z.object({
      customerId: id,
      name: z.string(),
      active: z.boolean(),
      createdAt: time,
      balance: z.number().int(),
      heldAmount: z.number().int(),
      reservations: z.array(reservation),
      places: z.array(
        z.object({
          roomId: z.string(),
          status: z.string(),
          waitingNumber: z.number().int(),
          seenAt: time,
          slotEndsAt: time.nullable(),
        }),
      ),
      history: z.array(event),
    }),
    errors: ['CUSTOMER_NOT_FOUND'],
    async handle({ params: { customerId } }, { services }) {
      const { line, history } = services.waitingRoom;
      const customer = await services.catalog.customers.get(customerId);
      const [points, reservations, events] = await Promise.all([
        services.points.balance(customerId),
        services.reservations.list({ customerId, limit: PAGE_SIZE }),
        history.ofCustomer(customerId, EVENTS_SHOWN),
      ]);
      const rooms = [...new Set(events.map((one) => one.roomId))];
      const places = await Promise.all(rooms.map((room) => line.place(room, customerId)));
      return {
        ...customer,
        ...points,
        reservations: reservations.items,
        places: places
          .filter((place) => place !== undefined)
          .map(({ roomId, status, waitingNumber, seenAt, slotEndsAt }) => ({
            roomId,
            status,
            waitingNumber,
            seenAt: seenAt.toISOString(),
            slotEndsAt: slotEndsAt?.toISOString() ?? null,
          })),
        history: events.map(({ roomId, seq, kind, at }) => ({
          roomId,
          seq,
          kind,
          at: at.toISOString(),
        })),
      };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/admin/tickets/{ticketId}',
    operationId: 'adminGetTicket',
    tag,
    summary: 'Is this ticket good',
    auth: 'admin',
    params: z.object({ ticketId: pathId }),
    reply: ticket.extend({ live: z.boolean(), customerId: id }),
    otherReplies: pageReplies(303),
    errors: ['NOT_FOUND'],
    handle: ({ params }, { services }) => services.reservations.ticket(params.ticketId),
  }),
  defineRoute({
    method: 'get',
    path: '/admin/outbox',
    operationId: 'listOutbox',
    tag,
    summary: 'Effects still to be delivered; ?all=true also those that were',
    auth: 'admin',
    query: pageQuery.extend({ all: z.enum(['true', 'false']).default('false') }),
    reply: page(outboxRow),
    handle: ({ query }, { services }) =>
      services.outbox.list({
        pending: query.all === 'false',
        cursor: query.cursor,
        limit: PAGE_SIZE,
      }),
  }),
  defineRoute({
    method: 'post',
    path: '/admin/outbox/{outboxId}/retry',
    operationId: 'retryOutbox',
    tag,
    summary: 'Deliver an event now',
    auth: 'admin',
    params: z.object({ outboxId: pathId }),
    reply: outboxRow,
    errors: ['NOT_FOUND', 'RESERVATION_STATE_CONFLICT'],
    handle: ({ params }, { services, caller }) => services.outbox.retry(params.outboxId, caller),
  }),
  defineRoute({
    method: 'post',
    path: '/admin/demo/crowd',
    operationId: 'demoCrowd',
    tag,
    summary: 'Let a simulated crowd into the room `main`; only with private servers',
    auth: 'admin',
    status: 202,
    body: z.object({ count: z.number().int().min(1).max(5_000) }),
    reply: z.object({ started: z.number().int() }),
    errors: ['FORBIDDEN'],
    async handle({ body }, { services, caller }) {
      if (!services.demoCrowd) throw new AppError('FORBIDDEN');
      const started = await services.demoCrowd.start(body.count);
      await services.audit.record({
        actor: caller,
        action: 'demo.crowd',
        target: 'room:main',
        after: { started },
      });
      return { started };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/admin/audit',
    operationId: 'listAudit',
    tag,
    summary: 'Who changed what, newest first',
    auth: 'admin',
    query: pageQuery,
    reply: page(
      z.object({
        auditId: id,
        actor: z.string(),
        action: z.string(),
        target: z.string(),
        before: z.any(),
        after: z.any(),
        requestId: z.string(),
        at: time,
      }),
    ),
    handle: ({ query }, { services }) =>
      services.audit.list({ cursor: query.cursor, limit: PAGE_SIZE }),
  }),
  defineRoute({
    method: 'get',
    path: '/admin/invariants',
    operationId: 'checkInvariants',
    tag,
    summary: 'The live checks of what must never break',
    auth: 'admin',
    reply: z.object({
      ok: z.boolean(),
      checks: z.array(
        z.object({
          id: z.string(),
          title: z.string(),
          violations: z.number(),
          checked: z.boolean(),
        }),
      ),
    }),
    async handle(_, { services }) {
      const checks = await services.invariants.check();
      return { ok: checks.every((check) => check.checked && check.violations === 0), checks };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/admin/invariants/last',
    operationId: 'lastInvariants',
    tag,
    summary: 'What the background found last: cheap enough to be asked for again and again',
    auth: 'admin',
    reply: z.object({
      ok: z.boolean(),
      checks: z.array(
        z.object({ id: z.string(), violations: z.number(), checkedAt: time, fresh: z.boolean() }),
      ),
    }),
    async handle(_, { services }) {
      const checks = (await services.invariants.last()).map((check) => ({
        id: check.id,
        violations: check.violations,
        checkedAt: new Date(check.checkedAtMs).toISOString(),
        fresh: check.ageSeconds < CHECKS_FRESH_SECONDS,
      }));
      const ok = checks.length > 0 && checks.every((one) => one.fresh && one.violations === 0);
      return { ok, checks };
    },
  }),
];

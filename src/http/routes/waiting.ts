import { z } from 'zod';
import { AppError } from '../../platform/errors.ts';
import type { Services } from '../../services.ts';
import { requireBearer, requireSame } from '../auth.ts';
import type { Callers, Context } from '../context.ts';
import { enterRoom } from '../entering.ts';
import { ANSWERED, defineRoute, type Route, told } from '../route.ts';
import { id, roomId } from '../schemas.ts';
import {
  retryAfterSeconds,
  toWaitingDocument,
  type WaitingDocument,
  waitingDocument,
  waitingHeaders,
  waitingText,
} from '../waiting-document.ts';

const DEFAULT_ROOM = 'main';
const tag = 'Waiting room';

/** The poll: where the token's place stands now. */
async function poll(
  services: Pick<Services, 'waitingRoom' | 'queueTokens'>,
  caller: Callers['queue'],
): Promise<WaitingDocument> {
  const view = await services.waitingRoom.line.look(caller);
  return toWaitingDocument(view, services.queueTokens.renew(caller));
}

export const waitingRoutes: Route[] = [
  defineRoute({
    method: 'post',
    path: '/customer/waiting/enter',
    operationId: 'enterWaiting',
    tag,
    summary: 'Enter the line, or get the same place again',
    auth: 'public',
    body: z.object({
      customerId: id,
      roomId: roomId.optional(),
      concertId: id.optional(),
    }),
    reply: waitingDocument,
    errors: [
      'UNAUTHENTICATED',
      'TOKEN_INVALID',
      'TOKEN_EXPIRED',
      'CUSTOMER_MISMATCH',
      'CUSTOMER_NOT_FOUND',
      'CUSTOMER_INACTIVE',
      'CONCERT_NOT_FOUND',
      'ROOM_NOT_FOUND',
      'ROOM_CLOSED',
      'ROOM_FULL',
    ],
    async handle({ body }, context) {
      const { services, facts } = context;
      facts.customerId = body.customerId;
      await requireCustomer(body.customerId, context);
      const room = body.roomId ?? (await roomOf(services, body.concertId));
      facts.roomId = room;
      const place = { roomId: room, customerId: body.customerId };
      const { view, token, cookie } = await enterRoom(context, place);
      return told({
        text: waitingText(view, token),
        fields: ['Retry-After', String(retryAfterSeconds(view)), 'Set-Cookie', cookie],
      });
    },
  }),
  defineRoute({
    method: 'post',
    path: '/customer/waiting/check',
    operationId: 'checkWaiting',
    tag,
    summary: 'Where the place stands now',
    auth: 'queue',
    body: z.object({ customerId: id }),
    reply: waitingDocument,
    replyHeaders: waitingHeaders,
    errors: ['CUSTOMER_MISMATCH', 'ROOM_NOT_FOUND'],
    async handle({ body }, { services, caller }) {
      requireSame(caller, body.customerId);
      return poll(services, caller);
    },
  }),
  defineRoute({
    method: 'get',
    path: '/customer/waiting',
    operationId: 'getWaiting',
    tag,
    summary: 'Where the place stands now: what browsers poll',
    auth: 'queue',
    reply: waitingDocument,
    replyHeaders: waitingHeaders,
    errors: ['ROOM_NOT_FOUND'],
    handle: (_, { services, caller }) => poll(services, caller),
  }),
  defineRoute({
    method: 'delete',
    path: '/customer/waiting',
    operationId: 'leaveWaiting',
    tag,
    summary: 'Leave the line, or give the slot back',
    auth: 'queue',
    async handle(_, { services, caller }) {
      await services.waitingRoom.line.leave({ ...caller, reason: 'left' });
    },
  }),
  defineRoute({
    method: 'get',
    path: '/customer/waiting/stream',
    operationId: 'streamWaiting',
    tag,
    summary: 'The same documents as server-sent events, one when anything changed',
    auth: 'queue',
    contentType: 'text/event-stream',
    errors: ['ROOM_NOT_FOUND'],
    async handle(_, { streams, caller, response }) {
      await streams.openWaiting(response, caller);
      return ANSWERED;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/customer/identify',
    operationId: 'identify',
    tag: 'Customer',
    summary: 'Open mode: an identity without a place in line',
    auth: 'public',
    body: z.object({ customerId: id }),
    reply: z.object({ customerId: id, token: z.string() }),
    errors: ['CUSTOMER_NOT_FOUND', 'CUSTOMER_INACTIVE', 'FORBIDDEN'],
    async handle({ body }, { services }) {
      const { sign } = services.identities;
      // Where the shop issues identities, nobody gets one here by asking.
      if (!sign) throw new AppError('FORBIDDEN');
      await services.catalog.customers.requireActive(body.customerId);
      return { customerId: body.customerId, token: sign(body.customerId) };
    },
  }),
];

/** Who enters: in open mode whoever is a customer, else who the shop's own token names. */
async function requireCustomer(
  customerId: number,
  { services, request }: Context<'public'>,
): Promise<void> {
  if (services.config.customerAuth === 'jwt') {
    requireSame(await services.identities.verify(requireBearer(request)), customerId);
    return;
  }
  await services.catalog.customers.requireActive(customerId);
}

async function roomOf(services: Services, concertId: number | undefined): Promise<string> {
  if (concertId === undefined) return DEFAULT_ROOM;
  const sale = await services.catalog.concerts.sale(concertId);
  if (!sale) throw new AppError('CONCERT_NOT_FOUND');
  return sale.roomId;
}

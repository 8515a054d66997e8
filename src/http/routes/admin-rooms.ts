import { z } from 'zod';
import { AppError } from '../../platform/errors.ts';
import type { AdminPlace } from '../../waiting-room/line.ts';
import { ROOM_DEFAULTS, type RoomInput, type RoomSettings } from '../../waiting-room/rooms.ts';
import { defined } from '../defined.ts';
import { defineRoute, type Route } from '../route.ts';
import { id, inputTime, pathId, roomId, text, time } from '../schemas.ts';
import { adminRoomWatchRoutes, glance } from './admin-room-watch.ts';

const tag = 'Control room';
const whole = (min: number, max: number) => z.number().int().min(min).max(max);

/** What an operator may set, with its bounds. */
const fields = {
  name: text(1, 200),
  state: z.enum(['OPEN', 'PAUSED', 'CLOSED']),
  capacity: whole(0, 1_000_000),
  admitPerMinute: whole(1, 10_000_000).nullable(),
  slotSeconds: whole(1, 86_400),
  claimSeconds: whole(1, 3_600),
  graceSeconds: whole(4, 86_400),
  waitingMax: whole(0, 10_000_000),
  pollBudgetPerSecond: whole(1, 1_000_000),
  opensAt: inputTime.nullable(),
  closesAt: inputTime.nullable(),
  title: text(0, 200),
  message: text(0, 2_000),
  colour: z.string().regex(/^(#[0-9a-fA-F]{6})?$/, 'must be #rrggbb, or empty'),
};
const changes = z.object(fields).partial();
const room = z.object({
  ...fields,
  roomId,
  version: z.number().int(),
  opensAt: time.nullable(),
  closesAt: time.nullable(),
});
const place = z.object({
  roomId,
  customerId: id,
  seq: z.number().int(),
  status: z.enum(['WAITING', 'AWAY', 'RETURNING', 'CALLED', 'ACTIVE']),
  waitingNumber: z.number().int(),
  seenAt: time,
  slotEndsAt: time.nullable(),
});
const params = z.object({ roomId });
const placeParams = z.object({ roomId, customerId: pathId });

export const adminRoomRoutes: Route[] = [
  defineRoute({
    method: 'get',
    path: '/admin/rooms',
    operationId: 'listRooms',
    tag,
    summary:
      'All rooms with their settings, and how each stands now (null while Redis cannot tell)',
    auth: 'admin',
    reply: z.object({ items: z.array(room.extend({ live: glance.nullable() })) }),
    async handle(_, { services }) {
      const { rooms, stats } = services.waitingRoom;
      const all = await rooms.list();
      const live = await stats.glance(all.map((one) => one.roomId));
      return { items: all.map((one, nth) => ({ ...toDocument(one), live: live[nth] ?? null })) };
    },
  }),
  defineRoute({
    method: 'post',
    path: '/admin/rooms',
    operationId: 'createRoom',
    tag,
    summary: 'A new room; what is not given has its default',
    auth: 'admin',
    status: 201,
    body: changes.extend({ roomId, name: fields.name }),
    reply: room,
    errors: ['ALREADY_EXISTS'],
    async handle({ body: { roomId: newId, ...given } }, { services, caller }) {
      const input: RoomInput = { ...ROOM_DEFAULTS, ...defined(given), name: given.name };
      return toDocument(await services.waitingRoom.rooms.create(newId, input, caller));
    },
  }),
  defineRoute({
    method: 'get',
    path: '/admin/rooms/{roomId}',
    operationId: 'getRoom',
    tag,
    summary: 'One room with its settings',
    auth: 'admin',
    params,
    reply: room,
    errors: ['ROOM_NOT_FOUND'],
    async handle({ params: { roomId: which } }, { services, response }) {
      const settings = await services.waitingRoom.rooms.get(which);
      response.set('ETag', `"${settings.version}"`);
      return toDocument(settings);
    },
  }),
  defineRoute({
    method: 'patch',
    path: '/admin/rooms/{roomId}',
    operationId: 'patchRoom',
    tag,
    summary: 'Change settings; needs the current version in If-Match or in the body',
    auth: 'admin',
    params,
    body: changes.extend({ version: whole(1, 2_147_483_647).optional() }),
    reply: room,
    errors: ['ROOM_NOT_FOUND', 'VERSION_CONFLICT'],
    async handle({ params: { roomId: which }, body }, { services, caller, request, response }) {
      const { version: inBody, ...given } = body;
      const version = versionOf(request.get('if-match')) ?? inBody;
      if (version === undefined) {
        throw new AppError('ILLEGAL_ARGUMENTS', {
          details: { errors: [{ path: 'version', message: 'is needed here or in If-Match' }] },
        });
      }
      const patched = await services.waitingRoom.rooms.patch(
        which,
        version,
        defined(given),
        caller,
      );
      response.set('ETag', `"${patched.version}"`);
      return toDocument(patched);
    },
  }),
  ...adminRoomWatchRoutes,
  defineRoute({
    method: 'post',
    path: '/admin/rooms/{roomId}/admit',
    operationId: 'admitByHand',
    tag,
    summary: 'Let people in by hand: obeys the capacity, not the rate',
    auth: 'admin',
    params,
    body: z.object({ count: whole(1, 10_000) }),
    reply: z.object({ admitted: z.number().int() }),
    errors: ['ROOM_NOT_FOUND'],
    async handle({ params: { roomId: which }, body: { count } }, { services, caller }) {
      const admitted = await services.waitingRoom.line.admitByHand(which, count);
      await services.audit.record({
        actor: caller,
        action: 'room.admit',
        target: `room:${which}`,
        after: { count, admitted },
      });
      return { admitted };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/admin/rooms/{roomId}/places/{customerId}',
    operationId: 'getPlace',
    tag,
    summary: "A customer's place",
    auth: 'admin',
    params: placeParams,
    reply: place,
    errors: ['NOT_FOUND'],
    async handle({ params: { roomId: which, customerId } }, { services }) {
      const found = await services.waitingRoom.line.place(which, customerId);
      if (!found) throw new AppError('NOT_FOUND');
      return placeDocument(found);
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/admin/rooms/{roomId}/places/{customerId}',
    operationId: 'removePlace',
    tag,
    summary: "End a customer's place or slot",
    auth: 'admin',
    params: placeParams,
    errors: ['NOT_FOUND'],
    async handle({ params: { roomId: which, customerId } }, { services, caller }) {
      const removed = await services.waitingRoom.line.leave({
        roomId: which,
        customerId,
        seq: 0,
        reason: 'removed',
      });
      if (!removed) throw new AppError('NOT_FOUND');
      await services.audit.record({
        actor: caller,
        action: 'place.remove',
        target: `room:${which}`,
        after: { customerId },
      });
    },
  }),
];

function toDocument(settings: RoomSettings) {
  return {
    ...settings,
    opensAt: settings.opensAt?.toISOString() ?? null,
    closesAt: settings.closesAt?.toISOString() ?? null,
  };
}

function placeDocument(found: AdminPlace) {
  return {
    ...found,
    seenAt: found.seenAt.toISOString(),
    slotEndsAt: found.slotEndsAt?.toISOString() ?? null,
  };
}

function versionOf(ifMatch: string | undefined): number | undefined {
  const [, digits] = /^"?(\d{1,10})"?$/.exec(ifMatch ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits);
}

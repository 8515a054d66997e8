import { z } from 'zod';
import type { RoomStats } from '../../waiting-room/stats.ts';
import { defined } from '../defined.ts';
import { ANSWERED, defineRoute, type Route } from '../route.ts';
import { eta, roomId, time } from '../schemas.ts';

const tag = 'Control room';

export const glance = z.object({
  waiting: z.number().int(),
  returning: z.number().int(),
  active: z.number().int(),
  admittedPerMinute: z.number(),
  eta,
  recovering: z.boolean(),
});
const stats = glance.extend({
  at: time,
  capacity: z.number().int(),
  finishedPerMinute: z.number(),
  oldestWaitSeconds: z.number(),
  slotIdleMs: z.object({ p50: z.number().nullable(), p99: z.number().nullable() }),
  pollsPerSecond: z.number(),
  etaReason: z.string().nullable(),
  etaCoverage: z.number().nullable(),
});
const curves = z.object({
  points: z.array(
    z.object({
      at: time,
      waiting: z.number(),
      active: z.number(),
      capacity: z.number(),
      admittedPerMinute: z.number().nullable(),
      finishedPerMinute: z.number().nullable(),
      pollsPerSecond: z.number(),
    }),
  ),
  waits: z.array(z.object({ at: time, waited: z.number(), promised: eta })),
});
const digits = (pattern: RegExp, max: number) =>
  z
    .string()
    .regex(pattern)
    .transform(Number)
    .refine((value) => value <= max, 'is too large');
const triedOut = z.object({
  capacity: digits(/^\d{1,7}$/, 1_000_000).optional(),
  admitPerMinute: z
    .union([z.literal('none').transform(() => null), digits(/^[1-9]\d{0,7}$/, 10_000_000)])
    .optional(),
});
const params = z.object({ roomId });

/** How a room stands, stood, and would stand. */
export const adminRoomWatchRoutes: Route[] = [
  defineRoute({
    method: 'get',
    path: '/admin/rooms/{roomId}/stats',
    operationId: 'roomStats',
    tag,
    summary: 'The room at a glance',
    auth: 'admin',
    params,
    reply: stats,
    errors: ['ROOM_NOT_FOUND'],
    async handle({ params: { roomId: which } }, { services }) {
      return statsDocument(await services.waitingRoom.stats.read(which));
    },
  }),
  defineRoute({
    method: 'get',
    path: '/admin/rooms/{roomId}/stream',
    operationId: 'streamRoomStats',
    tag,
    summary: 'The same as server-sent events, each second',
    auth: 'admin',
    params,
    contentType: 'text/event-stream',
    errors: ['ROOM_NOT_FOUND'],
    async handle({ params: { roomId: which } }, { services, streams, response }) {
      await streams.openTicker(response, async () =>
        statsDocument(await services.waitingRoom.stats.read(which)),
      );
      return ANSWERED;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/admin/rooms/{roomId}/curves',
    operationId: 'roomCurves',
    tag,
    summary:
      'The last ten minutes: a point each 5 s, and the waits that ended against what was promised',
    auth: 'admin',
    params,
    reply: curves,
    async handle({ params: { roomId: which } }, { services }) {
      const { points, waits } = await services.waitingRoom.stats.curves(which);
      return { points: points.map(withTime), waits: waits.map(withTime) };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/admin/rooms/{roomId}/estimate',
    operationId: 'estimateRoom',
    tag,
    summary:
      'The wait of who joins now, and what it would be with another capacity or rate (`none`: no rate)',
    auth: 'admin',
    params,
    query: triedOut,
    reply: z.object({ now: eta, changed: eta }),
    errors: ['ROOM_NOT_FOUND'],
    handle: ({ params: { roomId: which }, query }, { services }) =>
      services.waitingRoom.stats.estimate(which, defined(query)),
  }),
];

function withTime<T extends { at: Date }>(one: T): Omit<T, 'at'> & { at: string } {
  return { ...one, at: one.at.toISOString() };
}

const statsDocument = (stats: RoomStats) => withTime(stats);

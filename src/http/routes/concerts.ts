import { z } from 'zod';
import { AppError } from '../../platform/errors.ts';
import { nextMapInMs, type SeatMap } from '../../seats/index.ts';
import type { Services } from '../../services.ts';
import { defineRoute, pageReplies, type Route, told } from '../route.ts';
import { concert, id, page, pageQuery, pathId, time } from '../schemas.ts';

const tag = 'Concerts';

const performance = z.object({
  optionId: id,
  optionName: z.string(),
  performAt: time,
  price: z.number().int(),
  capacityLimit: z.number().int(),
  availableSeats: z.number().int(),
});
const seatMap = z.object({
  seats: z.array(
    z.object({ seatId: id, status: z.enum(['AVAILABLE', 'HELD', 'SOLD', 'BLOCKED']) }),
  ),
  asOf: time,
});
const optionParams = z.object({ concertId: pathId, optionId: pathId });

export const concertRoutes: Route[] = [
  defineRoute({
    method: 'get',
    path: '/concerts',
    operationId: 'listConcerts',
    tag,
    summary: 'All concerts, at most a second old',
    auth: 'public',
    query: pageQuery,
    reply: page(concert),
    otherReplies: pageReplies(200),
    handle: ({ query }, { services }) => services.catalog.concerts.listed(query.cursor),
  }),
  defineRoute({
    method: 'get',
    path: '/concerts/{concertId}',
    operationId: 'getConcert',
    tag,
    summary: 'One concert with its performances',
    auth: 'public',
    params: z.object({ concertId: pathId }),
    reply: concert.extend({ performances: z.array(performance) }),
    otherReplies: pageReplies(200),
    errors: ['CONCERT_NOT_FOUND'],
    handle: ({ params }, { services }) => services.catalog.concerts.get(params.concertId),
  }),
  defineRoute({
    method: 'get',
    path: '/concerts/{concertId}/options',
    operationId: 'listOptions',
    tag,
    summary: 'Performances on sale, in the future and not sold out',
    auth: 'public',
    params: z.object({ concertId: pathId }),
    query: z.object({ includeSoldOut: z.enum(['true', 'false']).default('false') }),
    reply: z.object({ concertId: id, performances: z.array(performance) }),
    errors: ['CONCERT_NOT_FOUND'],
    async handle({ params: { concertId }, query }, { services }) {
      const includeSoldOut = query.includeSoldOut === 'true';
      const performances = await services.catalog.concerts.options(concertId, { includeSoldOut });
      return { concertId, performances };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/concerts/{concertId}/options/{optionId}',
    operationId: 'listFreeSeats',
    tag,
    summary: 'The free seat numbers of one performance',
    auth: 'public',
    params: optionParams,
    reply: z.object({
      concertId: id,
      optionId: id,
      seats: z.array(id),
      totalSeats: z.number().int(),
    }),
    errors: ['CONCERT_NOT_FOUND', 'OPTION_NOT_FOUND'],
    async handle({ params }, { services }) {
      const { document, totalSeats } = await readMap(services, params);
      const free = document.seats
        .filter((seat) => seat.status === 'AVAILABLE')
        .map((seat) => seat.seatId);
      return { ...params, seats: free, totalSeats };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/concerts/{concertId}/options/{optionId}/seats',
    operationId: 'seatMap',
    tag,
    summary:
      'Every seat of one performance, at most a second old; Next-Map-In-Ms tells when to ask again',
    auth: 'public',
    params: optionParams,
    reply: seatMap,
    otherReplies: [{ status: 304, description: 'Not changed since the ETag in If-None-Match' }],
    errors: ['CONCERT_NOT_FOUND', 'OPTION_NOT_FOUND'],
    async handle({ params }, { services }) {
      const map = await readMap(services, params);
      return told({
        text: map.text,
        etag: map.etag,
        cacheControl: 'no-cache',
        fields: ['Next-Map-In-Ms', String(nextMapInMs(map))],
      });
    },
  }),
];

async function readMap(
  services: Services,
  { concertId, optionId }: { concertId: number; optionId: number },
): Promise<SeatMap> {
  const map = await services.seats.maps.read(optionId);
  if (map?.concertId === concertId) return map;
  const sale = await services.catalog.concerts.sale(concertId);
  throw new AppError(sale ? 'OPTION_NOT_FOUND' : 'CONCERT_NOT_FOUND');
}

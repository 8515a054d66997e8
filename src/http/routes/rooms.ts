import { z } from 'zod';
import { defineRoute, pageReplies, type Route } from '../route.ts';
import { roomId } from '../schemas.ts';
import { readRoomDocument, roomDocument } from '../web/room-document.ts';

/** A cache in between may answer for this long: a million pages ask for one room. */
const MAX_AGE_SECONDS = 5;

export const roomRoutes: Route[] = [
  defineRoute({
    method: 'get',
    path: '/rooms/{roomId}',
    operationId: 'showRoom',
    tag: 'Waiting room',
    summary: 'What the page of a room shows: title, message, colour, state, times, concerts',
    auth: 'public',
    params: z.object({ roomId }),
    reply: roomDocument,
    otherReplies: pageReplies(200, 404, 503),
    errors: ['ROOM_NOT_FOUND'],
    handle({ params }, { services, response }) {
      response.set('Cache-Control', `public, max-age=${MAX_AGE_SECONDS}`);
      return readRoomDocument(services, params.roomId);
    },
  }),
];

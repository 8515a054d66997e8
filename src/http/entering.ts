import type { Request, Response } from 'express';
import { everySecond } from '../platform/every-second.ts';
import { QUEUE_TOKEN_SECONDS } from '../platform/tokens.ts';
import type { Services } from '../services.ts';
import { ROOM_COOKIE_PREFIX } from './auth.ts';
import { toWaitingDocument, type WaitingDocument } from './waiting-document.ts';

const life = everySecond((now) => {
  const expires = new Date(now.getTime() + QUEUE_TOKEN_SECONDS * 1_000).toUTCString();
  return `Max-Age=${QUEUE_TOKEN_SECONDS}; Path=/; Expires=${expires}`;
});

/**
 * Gives a proven customer a place and this browser the room cookie, however the request came in.
 *
 * @throws what `line.enter` throws
 */
export async function enterRoom(
  { services, request, response }: { services: Services; request: Request; response: Response },
  place: { roomId: string; customerId: number },
): Promise<WaitingDocument> {
  const view = await services.waitingRoom.line.enter(place);
  const token = services.queueTokens.sign(view);
  const name = ROOM_COOKIE_PREFIX + place.roomId;
  const secure = request.secure ? '; Secure' : '';
  // Neither a room's id nor a token has a character that a cookie would escape.
  const cookie = `${name}=${token}; ${life()}; HttpOnly${secure}; SameSite=Lax`;
  response.appendHeader('Set-Cookie', cookie);
  return toWaitingDocument(view, token);
}

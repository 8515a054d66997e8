import type { Request } from 'express';
import { everySecond } from '../platform/every-second.ts';
import { QUEUE_TOKEN_SECONDS } from '../platform/queue-tokens.ts';
import type { Services } from '../services.ts';
import type { PlaceView } from '../waiting-room/places.ts';
import { ROOM_COOKIE_PREFIX } from './auth.ts';

const life = everySecond((now) => {
  const expires = new Date(now.getTime() + QUEUE_TOKEN_SECONDS * 1_000).toUTCString();
  return `Max-Age=${QUEUE_TOKEN_SECONDS}; Path=/; Expires=${expires}`;
});

export interface Entered {
  view: PlaceView;
  token: string;
  /** For this browser, as the value of Set-Cookie. */
  cookie: string;
}

/**
 * Gives a proven customer a place, and makes what the browser keeps of it, however the request came in.
 *
 * @throws what `line.enter` throws
 */
export async function enterRoom(
  { services, request }: { services: Services; request: Request },
  place: { roomId: string; customerId: number },
): Promise<Entered> {
  const view = await services.waitingRoom.line.enter(place);
  const token = services.queueTokens.sign(view);
  const name = ROOM_COOKIE_PREFIX + place.roomId;
  const secure = request.secure ? '; Secure' : '';
  // Neither a room's id nor a token has a character that a cookie would escape.
  const cookie = `${name}=${token}; ${life()}; HttpOnly${secure}; SameSite=Lax`;
  return { view, token, cookie };
}

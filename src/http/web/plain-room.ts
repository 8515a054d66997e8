import type { Request, Response } from 'express';
import type { Language } from '../../platform/duration-words.ts';
import type { Services } from '../../services.ts';
import type { PlaceView } from '../../waiting-room/places.ts';
import { roomToken } from '../auth.ts';
import { escapeHtml, languageOf, sendDocument } from './document.ts';
import { PLAIN_SENTENCES, type PlainSentences } from './plain-sentences.ts';
import type { RoomDocument } from './room-document.ts';

/** A person reads a page for some seconds before it is drawn anew. */
const REFRESH_MIN_SECONDS = 5;

/**
 * The waiting room without script: the place of the room cookie, drawn anew as often as the server asks for a
 * poll; without a place, the form that gives one.
 *
 * @param refusal why the form that was sent gave no place
 */
export async function sendPlainRoom(
  { services, request, response }: { services: Services; request: Request; response: Response },
  page: { room: RoomDocument; style: string },
  refusal?: { status: number; message: string },
): Promise<void> {
  const { room } = page;
  const language = languageOf(request);
  const place = refusal ? undefined : await placeOf(services, request, room.roomId);
  const waits = place?.status === 'WAITING' || place?.status === 'ACTIVE';
  const seconds = Math.max(REFRESH_MIN_SECONDS, Math.ceil((place?.pollAfterMs ?? 0) / 1_000));
  response.set('Cache-Control', 'no-store');
  sendDocument(request, response, {
    title: room.title,
    style: page.style,
    accent: room,
    status: refusal?.status ?? 200,
    head: waits ? `<meta http-equiv="refresh" content="${seconds}">` : '',
    body: `<main class="room">
<header><h1 dir="auto">${escapeHtml(room.title)}</h1></header>
${paragraph(room.message, 'message')}
<section class="card stage">
${refusal ? paragraph(refusal.message, 'notice bad') : ''}
${waits ? standing(place, room, language, seconds) : form(room, language, place !== undefined)}
</section>
</main>`,
  });
}

/** Where the cookie's place stands; undefined without a cookie that can be believed. */
async function placeOf(
  services: Services,
  request: Request,
  roomId: string,
): Promise<PlaceView | undefined> {
  const token = roomToken(request, roomId);
  if (token === undefined) return undefined;
  const claims = claimsOf(services, token);
  return claims?.roomId === roomId ? services.waitingRoom.line.look(claims) : undefined;
}

function claimsOf(services: Services, token: string) {
  try {
    return services.queueTokens.verify(token);
  } catch {
    return undefined;
  }
}

function standing(
  place: PlaceView,
  room: RoomDocument,
  language: Language,
  refreshSeconds: number,
): string {
  const say = PLAIN_SENTENCES[language];
  if (place.status === 'ACTIVE') {
    const [only, ...others] = room.concerts;
    const path = only && others.length === 0 ? `/concerts/${only.concertId}` : '/concerts';
    return `<h2>${say.turn}</h2>
${paragraph(say.turnLeft(place.remainingSeconds))}
<a class="button big" href="${path}">${say.shop}</a>
${paragraph(say.needsScript, 'quiet')}`;
  }
  const number = new Intl.NumberFormat(language).format(place.waitingNumber);
  return `${place.recovering ? '' : `<div class="plain"><p class="label">${say.number}</p><p class="number">${number}</p></div>`}
${paragraph(place.eta ? say.eta(place.eta) : '')}
${paragraph(situation(place, room, say), 'notice warn')}
${paragraph(say.refresh(refreshSeconds), 'quiet')}`;
}

/** What is happening, when it is anything else than waiting: the same as on the page with a script. */
function situation(place: PlaceView, room: RoomDocument, say: PlainSentences): string {
  if (place.recovering) return say.recovering;
  if (room.state === 'PAUSED') return say.paused;
  const opensInSeconds = room.opensAt ? (Date.parse(room.opensAt) - Date.now()) / 1_000 : 0;
  if (opensInSeconds > 0) return say.opensIn(opensInSeconds);
  return room.state === 'CLOSED' ? say.closed : '';
}

function form(room: RoomDocument, language: Language, ended: boolean): string {
  const say = PLAIN_SENTENCES[language];
  const told = ended ? paragraph(say.ended, 'notice') : '';
  if (room.customerAuth === 'jwt') return `${told}${paragraph(say.fromShop)}`;
  return `${told}<form method="post" action="/rooms/${room.roomId}">
<input type="hidden" name="plain" value="1">
<label class="field">${say.customer}<input name="customerId" inputmode="numeric" pattern="[1-9][0-9]*" maxlength="16" autocomplete="off" required></label>
<button class="button big" type="submit">${say.join}</button>
</form>`;
}

function paragraph(text: string, name = ''): string {
  if (!text) return '';
  return `<p${name ? ` class="${name}"` : ''} dir="auto">${escapeHtml(text)}</p>`;
}

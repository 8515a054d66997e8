import express, {
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type { Language } from '../../platform/duration-words.ts';
import { ERRORS } from '../../platform/errors.ts';
import type { Services } from '../../services.ts';
import { toAppError } from '../problem.ts';
import { roomId as roomIdSchema } from '../schemas.ts';
import type { Dress } from '../security-headers.ts';
import type { WebAssets } from './assets.ts';
import { escapeHtml, languageOf, sendDocument, wantsPage } from './document.ts';
import { sendPlainRoom } from './plain-room.ts';
import { readRoomDocument } from './room-document.ts';
import { joinByForm } from './room-form.ts';
import { startPage } from './start-page.ts';

const SHOP_TITLE = { ko: '공연 예매', en: 'Concert tickets' };
const ADMIN_TITLE = { ko: '관제실', en: 'Control room' };
/** Fields of a form that joins: a JWT at most. */
const FORM_LIMIT = '8kb';
const RETRY_SECONDS = 5;

/**
 * The pages, mounted in front of the API: a path that is both is a page for browsers that
 * navigate and JSON for everybody else.
 */
export function mountPages(
  app: Express,
  services: Services,
  { assets, dress }: { assets: WebAssets; dress: Dress },
): void {
  const page = createPage(dress);
  const room = {
    ko: assets.entry('room-ko'),
    en: assets.entry('room-en'),
  };
  const { style } = room.ko;
  const { customerAuth, seatsPerReservationMax } = services.config;
  const shop = assets.entry('shop');
  const admin = assets.entry('admin');
  const start = assets.entry('start');

  app.get('/', (request, response) => {
    const { facts } = response.locals;
    facts.operation = 'startPage';
    dress(response, facts.requestId);
    sendDocument(request, response, {
      title: 'Foyer',
      style: start.style,
      body: startPage(languageOf(request), services.demoCrowd !== undefined),
    });
  });
  app.get(
    '/rooms/:roomId',
    page('roomPage', style, async (request, response) => {
      const data = await readRoomDocument(services, roomIdOf(request));
      const head = `<noscript><meta http-equiv="refresh" content="0; url=/rooms/${data.roomId}/plain"></noscript>`;
      sendDocument(request, response, {
        title: data.title,
        entry: room[languageOf(request)],
        data,
        accent: data,
        head,
      });
    }),
  );
  app.get(
    '/rooms/:roomId/plain',
    page('plainRoomPage', style, async (request, response) => {
      const document = await readRoomDocument(services, roomIdOf(request));
      const exchange = { services, request, response };
      await sendPlainRoom(exchange, { room: document, style });
    }),
  );
  app.post(
    '/rooms/:roomId',
    express.urlencoded({ extended: false, limit: FORM_LIMIT }),
    page('joinByForm', style, async (request, response) => {
      const exchange = { services, request, response };
      const document = await readRoomDocument(services, roomIdOf(request));
      try {
        const next = await joinByForm(exchange, document.roomId);
        response.set('Cache-Control', 'no-store').redirect(303, next);
      } catch (error) {
        const refusal = refusalOf(error, languageOf(request));
        if (refusal.status === ERRORS.INTERNAL.status) throw error;
        await sendPlainRoom(exchange, { room: document, style }, refusal);
      }
    }),
  );
  app.get(
    ['/concerts', '/concerts/:concertId', '/tickets'],
    page('shopPage', shop.style, (request, response) =>
      sendDocument(request, response, {
        title: SHOP_TITLE[languageOf(request)],
        entry: shop,
        data: { customerAuth, seatsPerReservationMax },
      }),
    ),
  );
  // The address in a ticket's code: who scans it at the door is led to its check.
  app.get(
    '/admin/tickets/:ticketId',
    page('ticketPage', admin.style, (request, response) => {
      const ticketId = encodeURIComponent(String(request.params['ticketId']));
      response.redirect(303, `/admin#/tickets/${ticketId}`);
    }),
  );
  app.get(
    '/admin',
    page('adminPage', admin.style, (request, response) =>
      sendDocument(request, response, { title: ADMIN_TITLE[languageOf(request)], entry: admin }),
    ),
  );
}

/**
 * A handler for browsers that navigate; the others go on to the API. What is refused is told as a page.
 *
 * @returns what makes one; `style` is that of the page which tells a refusal
 */
function createPage(dress: Dress) {
  return (
    operation: string,
    style: string,
    handle: (request: Request, response: Response) => void | Promise<void>,
  ): RequestHandler => {
    const serve = async (request: Request, response: Response, next: NextFunction) => {
      const { facts } = response.locals;
      facts.operation = operation;
      dress(response, facts.requestId);
      try {
        await handle(request, response);
      } catch (error) {
        const { status, message } = refusalOf(error, languageOf(request));
        // What nobody foresaw goes where it is logged; what passes is tried again by the page itself.
        if (status === ERRORS.INTERNAL.status) return next(error);
        const passes = request.method === 'GET' && status === ERRORS.UNAVAILABLE.status;
        sendDocument(request, response, {
          title: message,
          style,
          status,
          head: passes ? `<meta http-equiv="refresh" content="${RETRY_SECONDS}">` : '',
          body: `<main class="room"><section class="card"><h1>${escapeHtml(message)}</h1></section></main>`,
        });
      }
    };
    return (request, response, next) => {
      response.vary('Accept');
      return wantsPage(request) ? serve(request, response, next) : next();
    };
  };
}

function refusalOf(error: unknown, language: Language): { status: number; message: string } {
  const { code, sentence } = toAppError(error);
  const { status, ko, en } = ERRORS[code];
  return { status, message: (sentence ?? { ko, en })[language] };
}

/** A path that is no room's id names no room. */
function roomIdOf(request: Request): string {
  const parsed = roomIdSchema.safeParse(request.params['roomId']);
  return parsed.success ? parsed.data : '';
}

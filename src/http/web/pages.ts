import type { Express, RequestHandler } from 'express';
import type { Services } from '../../services.ts';
import { ASSETS_PATH, loadWebAssets } from './assets.ts';
import { languageOf, sendDocument, wantsPage } from './document.ts';

const SHOP_TITLE = { ko: '공연 예매', en: 'Concert tickets' };
const ADMIN_TITLE = { ko: '관제실', en: 'Control room' };

/**
 * The pages and their files, mounted in front of the API: a path that is both is a page for browsers that
 * navigate and JSON for everybody else.
 */
export function mountPages(app: Express, services: Services): void {
  const assets = loadWebAssets();
  const room = assets.entry('src/web/waiting-room/main.tsx');
  const shop = assets.entry('src/web/shop/main.tsx');
  const admin = assets.entry('src/web/admin/main.tsx');

  app.use(ASSETS_PATH, assets.handler);
  app.get(
    '/rooms/:roomId',
    page('roomPage', async (request, response) => {
      const { roomId, name, title, colour } = await services.waitingRoom.rooms.get(
        String(request.params['roomId']),
      );
      const data = { roomId, title: title || name };
      sendDocument(request, response, { title: data.title, entry: room, data, colour });
    }),
  );
  app.get(
    ['/concerts', '/concerts/:concertId', '/tickets'],
    page('shopPage', (request, response) =>
      sendDocument(request, response, { title: SHOP_TITLE[languageOf(request)], entry: shop }),
    ),
  );
  app.get(
    '/admin',
    page('adminPage', (request, response) =>
      sendDocument(request, response, { title: ADMIN_TITLE[languageOf(request)], entry: admin }),
    ),
  );
}

/** A handler for browsers that navigate; the others go on to the API. */
function page(
  operation: string,
  handle: (...args: Parameters<RequestHandler>) => void | Promise<void>,
): RequestHandler {
  return async (request, response, next) => {
    response.vary('Accept');
    if (!wantsPage(request)) return next();
    response.locals.facts.operation = operation;
    await handle(request, response, next);
  };
}

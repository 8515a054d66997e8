import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { AppError } from '../platform/errors.ts';
import type { Services } from '../services.ts';
import { answer, factsOf, type Parts } from './answer.ts';
import { createAuthentication } from './auth.ts';
import { createDirectAnswer, type DirectAnswer, linesOf } from './direct-answer.ts';
import { createFastPath, type FastPath } from './fast-path.ts';
import { createLimits } from './limits.ts';
import { openApi } from './openapi.ts';
import { sendProblem } from './problem.ts';
import { logRequest, statusOf } from './request-log.ts';
import { ANSWERED, type Route } from './route.ts';
import { adminRoutes } from './routes/admin.ts';
import { concertRoutes } from './routes/concerts.ts';
import { operationRoutes } from './routes/operations.ts';
import { pointRoutes } from './routes/points.ts';
import { reservationRoutes } from './routes/reservations.ts';
import { roomRoutes } from './routes/rooms.ts';
import { waitingRoutes } from './routes/waiting.ts';
import { createDress, securityHeaders } from './security-headers.ts';
import { createSessions } from './sessions.ts';
import { createStreams, type Streams } from './streams.ts';
import { ASSETS_PATH, loadWebAssets } from './web/assets.ts';
import { mountPages } from './web/pages.ts';

const BODY_BYTES_MAX = 16 * 1_024;
const VERSION = '0.1.0';

export interface App {
  express: Express;
  /** What takes the hottest requests past Express, with the same answers. */
  fastPath: FastPath;
  routes: readonly Route[];
  streams: Streams;
}

/**
 * The Express app: everything but listening.
 *
 * @param draining says that the process is about to stop
 * @param keepAliveMs the server's patience with an idle connection
 */
export function createApp(services: Services, draining: () => boolean, keepAliveMs: number): App {
  const app = express();
  const sessions = createSessions(services.config);
  const limits = createLimits(services.config);
  const parts: Parts = {
    services,
    sessions,
    streams: createStreams(services),
    authentication: createAuthentication(services, sessions, limits),
    limits,
  };
  const routes: Route[] = [
    ...waitingRoutes,
    ...roomRoutes,
    ...pointRoutes,
    ...concertRoutes,
    ...reservationRoutes(services.config.seatsPerReservationMax),
    ...adminRoutes,
  ];
  let described: object | undefined;
  routes.push(
    ...operationRoutes({
      draining,
      describe: () => {
        described ??= openApi(routes, VERSION);
        return described;
      },
    }),
  );

  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', services.config.trustedProxies);
  // One for all responses, each of which closes once.
  function closed(this: Response): void {
    const { facts } = this.locals;
    logRequest(services, this.req, facts.answered ?? statusOf(this), facts);
  }
  app.use((request, response, next) => {
    response.locals.facts = factsOf(request);
    services.metrics.requests.began();
    response.on('close', closed);
    limits.arrived(request);
    next();
  });
  const assets = loadWebAssets();
  app.use(ASSETS_PATH, (_, response, next) => {
    response.set('X-Request-Id', response.locals.facts.requestId);
    next();
  });
  app.use(ASSETS_PATH, assets.handler);
  const constant = securityHeaders();
  const dress = createDress(constant);
  const direct = createDirectAnswer(constant, keepAliveMs);
  const dressed = (_: Request, response: Response, next: NextFunction): void => {
    dress(response, response.locals.facts.requestId);
    next();
  };
  const swaggerUi = express.static(swaggerUiDir(), { index: false, maxAge: '1h' });
  app.use('/assets/swagger-ui', dressed, swaggerUi);
  mountPages(app, services, { assets, dress });
  const readBody = express.json({ limit: BODY_BYTES_MAX, type: 'application/json' });

  for (const route of routes) {
    const path = route.path.replace(/\{(\w+)\}/g, ':$1');
    app[route.method](
      path,
      ...(route.contentType ? [dressed] : []),
      ...(route.body ? [requireJson, readBody] : []),
      (request: Request, response: Response) => send(route, parts, direct, { request, response }),
    );
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes
      .filter((route) => route.path === path)
      .map((one) => one.method.toUpperCase());
    if (methods.includes('GET')) methods.push('HEAD');
    app.all(path.replace(/\{(\w+)\}/g, ':$1'), (_, response) => {
      response.set('Allow', methods.join(', '));
      throw new AppError('METHOD_NOT_ALLOWED');
    });
  }
  app.use(() => {
    throw new AppError('NOT_FOUND');
  });
  // Express knows an error handler by its four parameters.
  app.use((thrown: unknown, request: Request, response: Response, _next: NextFunction) => {
    const { facts } = response.locals;
    if (!response.headersSent) dress(response, facts.requestId);
    sendProblem(services, request, response, facts, thrown);
  });
  return {
    express: app,
    fastPath: createFastPath(routes, parts, { headers: constant, dress, keepAliveMs }),
    routes,
    streams: parts.streams,
  };
}

async function send(
  route: Route,
  parts: Parts,
  direct: DirectAnswer,
  { request, response }: { request: Request; response: Response },
): Promise<void> {
  const { facts } = response.locals;
  const input = { params: request.params, query: request.query, body: request.body };
  const reply = await answer(route, parts, { request, response, facts }, input);
  if (reply === ANSWERED || response.destroyed) return;
  const lines = linesOf(['X-Request-Id', facts.requestId, ...reply.fields]);
  direct(response, reply.status, lines, reply.text);
  facts.answered = reply.status;
}

/** Before anything of the body is read: a large one is not waited for only to be refused. */
function requireJson(request: Request, _: Response, next: () => void): void {
  const hasBody =
    request.get('content-length') !== '0' &&
    (request.get('content-length') ?? request.get('transfer-encoding'));
  if (hasBody && !request.is('application/json')) throw new AppError('UNSUPPORTED_MEDIA_TYPE');
  if (Number(request.get('content-length')) > BODY_BYTES_MAX) {
    throw new AppError('PAYLOAD_TOO_LARGE');
  }
  next();
}

/** Where the files of Swagger UI lie. Importing the package would run all of it here, for 20 MB and a tenth of a second. */
function swaggerUiDir(): string {
  return dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
}

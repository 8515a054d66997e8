import { randomUUID } from 'node:crypto';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type Response,
} from 'express';
import helmet from 'helmet';
import swaggerUi from 'swagger-ui-dist';
import { AppError, ERRORS, isError } from '../platform/errors.ts';
import type { Services } from '../services.ts';
import { type Authentication, createAuthentication } from './auth.ts';
import type { Context } from './context.ts';
import { openApi } from './openapi.ts';
import { PROBLEM_TYPE, problemOf, toAppError } from './problem.ts';
import { createRateLimiter } from './rate-limit.ts';
import { logRequest, type RequestFacts } from './request-log.ts';
import { ANSWERED, type Route } from './route.ts';
import { adminRoutes } from './routes/admin.ts';
import { concertRoutes } from './routes/concerts.ts';
import { operationRoutes } from './routes/operations.ts';
import { pointRoutes } from './routes/points.ts';
import { reservationRoutes } from './routes/reservations.ts';
import { waitingRoutes } from './routes/waiting.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createStreams, type Streams } from './streams.ts';

const BODY_LIMIT = '16kb';
const VERSION = '0.1.0';
const REQUEST_ID = /^[\w.-]{1,64}$/;
/** One customer's requests: generous for people, narrow for scripts. */
const CUSTOMER_RATE = { perSecond: 50, burst: 500, keysMax: 100_000 };
const SECURITY_HEADERS = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      // Swagger UI draws its icons from data: addresses.
      imgSrc: ["'self'", 'data:'],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
};

export interface App {
  express: Express;
  routes: readonly Route[];
  streams: Streams;
}

/** The Express app: everything but listening. `draining` says that the process is about to stop. */
export function createApp(services: Services, draining: () => boolean): App {
  const app = express();
  const sessions = createSessions(services.config);
  const streams = createStreams(services);
  const authentication = createAuthentication(services, sessions);
  const limiter = createRateLimiter(CUSTOMER_RATE);
  const routes: Route[] = [
    ...waitingRoutes,
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
  app.use((request, response, next) => {
    const given = request.get('x-request-id') ?? '';
    const facts: RequestFacts = {
      requestId: REQUEST_ID.test(given) ? given : randomUUID(),
      operation: 'unknown',
      startedAt: performance.now(),
    };
    response.locals.facts = facts;
    response.set('X-Request-Id', facts.requestId);
    response.once('close', () => logRequest(services, request, response, facts));
    next();
  });
  app.use(helmet(SECURITY_HEADERS));
  app.use(
    '/assets/swagger-ui',
    express.static(swaggerUi.getAbsoluteFSPath(), { index: false, maxAge: '1h' }),
  );
  const readBody = express.json({ limit: BODY_LIMIT, type: 'application/json' });

  for (const route of routes) {
    const path = route.path.replace(/\{(\w+)\}/g, ':$1');
    app[route.method](
      path,
      ...(route.body ? [requireJson, readBody] : []),
      async (request: Request, response: Response) => {
        await answer(
          route,
          { services, sessions, streams, authentication, limiter },
          request,
          response,
        );
      },
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
  app.use(sendProblem(services));
  return { express: app, routes, streams };
}

interface Parts {
  services: Services;
  sessions: Sessions;
  streams: Streams;
  authentication: Authentication;
  limiter: { take(key: string): void };
}

/** One request through one route: who calls, what is asked, the answer. */
async function answer(
  route: Route,
  { services, sessions, streams, authentication, limiter }: Parts,
  request: Request,
  response: Response,
): Promise<void> {
  const { facts } = response.locals;
  facts.operation = route.operationId;
  const caller = await authentication.caller(route.auth, request, facts.requestId);
  if (caller && 'customerId' in caller) {
    facts.customerId = caller.customerId;
    if ('roomId' in caller) facts.roomId = caller.roomId;
    limiter.take(String(caller.customerId));
  }
  const context: Context<typeof route.auth> = {
    services,
    sessions,
    streams,
    caller,
    request,
    response,
    requestId: facts.requestId,
  };
  const input = { params: request.params, query: request.query, body: request.body };
  const result = await route.run(input, context);
  if (result === ANSWERED) return;
  if (!response.get('cache-control')) response.set('Cache-Control', 'no-store');
  // A handler that found a reason to answer another status has set it.
  if (response.statusCode === 200) response.status(route.status);
  if (route.reply) response.json(result);
  else response.end();
}

function requireJson(request: Request, _: Response, next: () => void): void {
  const hasBody =
    request.get('content-length') !== '0' &&
    (request.get('content-length') ?? request.get('transfer-encoding'));
  if (hasBody && !request.is('application/json')) throw new AppError('UNSUPPORTED_MEDIA_TYPE');
  next();
}

function sendProblem(services: Services): ErrorRequestHandler {
  return (thrown: unknown, request, response, _next) => {
    const error = fromExpress(thrown) ?? toAppError(thrown);
    const { facts } = response.locals;
    services.metrics.errors.inc({ code: error.code });
    if (error.code === 'INTERNAL') {
      services.logger.error(
        { error: error.cause ?? error, requestId: facts.requestId },
        'request failed',
      );
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (error.retryAfterSeconds !== undefined) {
      response.set('Retry-After', String(Math.max(1, Math.ceil(error.retryAfterSeconds))));
    }
    if (error.details['idempotencyReplayed']) response.set('Idempotency-Replayed', 'true');
    const problem = problemOf(error, {
      path: request.path,
      requestId: facts.requestId,
      acceptLanguage: request.get('accept-language'),
    });
    response
      .status(ERRORS[error.code].status)
      .set({ 'Content-Type': PROBLEM_TYPE, 'Cache-Control': 'no-store' })
      .send(JSON.stringify(problem));
  };
}

/** What Express and its body parser throw carries a status and a type. */
function fromExpress(error: unknown): AppError | undefined {
  if (!isError(error) || !('status' in error)) return undefined;
  switch (error.status) {
    case 413:
      return new AppError('PAYLOAD_TOO_LARGE');
    case 415:
      return new AppError('UNSUPPORTED_MEDIA_TYPE');
    case 400:
      return new AppError('ILLEGAL_ARGUMENTS', {
        details: { errors: [{ path: '', message: 'the request cannot be read as JSON' }] },
      });
    default:
      return undefined;
  }
}

import { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import { answer, factsOf, type Parts } from './answer.ts';
import { sendProblem, unreadable } from './problem.ts';
import { logRequest, type RequestFacts } from './request-log.ts';
import { ANSWERED, type Reply, type Route } from './route.ts';

/**
 * Answers a request and returns true, or leaves it to Express, untouched, and returns false. Both objects are
 * Express' own: the server gives them its prototypes.
 */
export type FastPath = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Polls are nearly all of the traffic; who enters comes in one flood. */
const HOT = new Set(['getWaiting', 'checkWaiting', 'enterWaiting']);
/** Longer bodies are not what these operations are sent; Express says what is wrong with them. */
const BODY_BYTES_MAX = 1_024;
const JSON_TYPES = new Set(['application/json', 'application/json; charset=utf-8']);

/**
 * The hottest operations without Express' routing and middleware. What they do and answer is the routes' own;
 * only the plainest form of a request is taken here: exact path, no query, a Bearer token rather than a cookie,
 * a short JSON body.
 *
 * @param secure sets the security headers, as it does behind Express
 */
export function createFastPath(
  routes: readonly Route[],
  parts: Parts,
  secure: RequestHandler,
): FastPath {
  const hot = new Map(
    routes
      .filter((route) => HOT.has(route.operationId))
      .map((route) => [`${route.method.toUpperCase()} ${route.path}`, route]),
  );
  const constant = [
    ...headersSetBy(secure),
    'Content-Type',
    'application/json; charset=utf-8',
    'Cache-Control',
    'no-store',
  ];

  async function serve(
    route: Route,
    body: unknown,
    exchange: { request: Request; response: Response; facts: RequestFacts },
  ): Promise<void> {
    const { response, facts } = exchange;
    parts.services.metrics.requests.began();
    try {
      parts.limits.arrived(exchange.request);
      if (body instanceof Error) throw body;
      const reply = await answer(route, parts, exchange, { params: {}, query: {}, body });
      if (reply !== ANSWERED) send(response, route.status, facts.requestId, reply);
    } catch (error) {
      for (let at = 0; at < constant.length - 4; at += 2) {
        response.setHeader(constant[at] ?? '', constant[at + 1] ?? '');
      }
      response.setHeader('X-Request-Id', facts.requestId);
      sendProblem(parts.services, exchange.request, response, facts, error);
    }
    logRequest(parts.services, exchange.request, response, facts);
  }

  function send(response: Response, status: number, requestId: string, reply: Reply): void {
    if (response.destroyed) return;
    const text = JSON.stringify(reply.body);
    const headers = [...constant, 'X-Request-Id', requestId];
    for (const name in reply.headers) headers.push(name, reply.headers[name] ?? '');
    headers.push('Content-Length', String(Buffer.byteLength(text)));
    response.writeHead(status, headers);
    response.end(text);
  }

  return (plainRequest, plainResponse) => {
    const route = hot.get(`${plainRequest.method} ${plainRequest.url}`);
    if (!route || !isPlain(route, plainRequest)) return false;
    // The server makes both with Express' prototypes.
    const request = plainRequest as Request;
    const response = plainResponse as Response;
    const exchange = { request, response, facts: factsOf(request) };
    if (route.method === 'get') void serve(route, undefined, exchange);
    else readJson(request, (body) => void serve(route, body, exchange));
    return true;
  };
}

/** Whether the request has the form that nearly all have. */
function isPlain(route: Route, { headers }: IncomingMessage): boolean {
  if (route.auth === 'queue' && headers.authorization === undefined) return false;
  if (route.method === 'get') return true;
  const length = Number(headers['content-length']);
  return (
    length > 0 &&
    length <= BODY_BYTES_MAX &&
    JSON_TYPES.has(headers['content-type'] ?? '') &&
    headers['content-encoding'] === undefined
  );
}

/** Hands over the parsed body, or the error that says it is none; never called when the client goes away. */
function readJson(request: IncomingMessage, done: (body: unknown) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    let body: unknown;
    try {
      body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    } catch {
      body = undefined;
    }
    done(typeof body === 'object' && body !== null ? body : unreadable());
  });
}

/** What a middleware sets on every response, as raw headers. */
function headersSetBy(middleware: RequestHandler): string[] {
  const request = Object.create(IncomingMessage.prototype);
  const response = new ServerResponse(request);
  middleware(request, response as Response, () => undefined);
  return Object.entries(response.getHeaders()).flatMap(([name, value]) => [name, String(value)]);
}

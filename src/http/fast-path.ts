import { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import { answer, factsOf, type Parts } from './answer.ts';
import { createDirectAnswer } from './direct-answer.ts';
import { createFastPoll } from './fast-poll.ts';
import { sendProblem, unreadable } from './problem.ts';
import { CLIENT_GONE, logRequest, type RequestFacts, statusOf } from './request-log.ts';
import { ANSWERED, type Route } from './route.ts';

/**
 * Answers a request and returns true, or leaves it to Express, untouched, and returns false. Both objects are
 * Express' own: the server gives them its prototypes.
 */
export type FastPath = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Answers an error as any other way would, and notes it. */
export type Refuse = (
  request: Request,
  response: ServerResponse,
  facts: RequestFacts,
  error: unknown,
) => void;

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
 * @param keepAliveMs the server's patience with an idle connection
 */
export function createFastPath(
  routes: readonly Route[],
  parts: Parts,
  secure: RequestHandler,
  keepAliveMs: number,
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

  const direct = createDirectAnswer(constant, keepAliveMs);
  const refuse: Refuse = (request, response, facts, error) => {
    for (let at = 0; at < constant.length - 4; at += 2) {
      response.setHeader(constant[at] ?? '', constant[at + 1] ?? '');
    }
    response.setHeader('X-Request-Id', facts.requestId);
    sendProblem(parts.services, request, response, facts, error);
    logRequest(parts.services, request, statusOf(response), facts);
  };
  const poll = createFastPoll(parts, direct, refuse);

  async function serve(
    route: Route,
    body: unknown,
    exchange: { request: Request; response: Response; facts: RequestFacts },
  ): Promise<void> {
    const { request, response, facts } = exchange;
    parts.services.metrics.requests.began();
    facts.operation = route.operationId;
    try {
      parts.limits.arrived(request);
      if (body instanceof Error) throw body;
      const reply = await answer(route, parts, exchange, { params: {}, query: {}, body });
      if (reply === ANSWERED) throw new Error(`${route.operationId} answered by itself`);
      const fields = ['X-Request-Id', facts.requestId, ...Object.entries(reply.headers).flat()];
      const gone = response.destroyed;
      direct(response, route.status, fields, JSON.stringify(reply.body));
      logRequest(parts.services, request, gone ? CLIENT_GONE : route.status, facts);
    } catch (error) {
      refuse(request, response, facts, error);
    }
  }

  return (plainRequest, plainResponse) => {
    const route = hot.get(`${plainRequest.method} ${plainRequest.url}`);
    if (!route || !isPlain(route, plainRequest)) return false;
    // The server makes both with Express' prototypes.
    const request = plainRequest as Request;
    const response = plainResponse as Response;
    if (route.method === 'get') {
      poll(request, response);
      return true;
    }
    const exchange = { request, response, facts: factsOf(request) };
    readJson(request, (body) => void serve(route, body, exchange));
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

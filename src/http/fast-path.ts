import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, Response } from 'express';
import { answer, factsOf, type Parts } from './answer.ts';
import { plainBearer } from './auth.ts';
import { createDirectAnswer, linesOf, takeBody } from './direct-answer.ts';
import { createFastPoll } from './fast-poll.ts';
import { sendProblem, unreadable } from './problem.ts';
import { CLIENT_GONE, logRequest, type RequestFacts, statusOf } from './request-log.ts';
import { ANSWERED, JSON_TYPE, type Route } from './route.ts';
import type { Dress } from './security-headers.ts';

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

/** Polls are nearly all of the traffic; who enters comes in one flood; who chooses a seat watches the map. */
const HOT = new Set(['checkWaiting', 'enterWaiting', 'seatMap']);
/** Longer bodies are not what these operations are sent; Express says what is wrong with them. */
const BODY_BYTES_MAX = 1_024;
const JSON_TYPES = new Set(['application/json', JSON_TYPE]);
const POLL_HEADERS = ['Content-Type', JSON_TYPE, 'Cache-Control', 'no-store'];

/**
 * The hottest operations without Express' routing and middleware. What they do and answer is the routes' own;
 * only the plainest form of a request is taken here: exact path, no query, a Bearer token rather than a cookie,
 * a short JSON body.
 *
 * @param common the headers of every answer as names and values in turn, how to set them on a response, and
 * the server's patience with an idle connection
 */
export function createFastPath(
  routes: readonly Route[],
  parts: Parts,
  common: { headers: readonly string[]; dress: Dress; keepAliveMs: number },
): FastPath {
  const find = createFinder(routes.filter((route) => HOT.has(route.operationId)));
  const direct = createDirectAnswer(common.headers, common.keepAliveMs);
  const directPoll = createDirectAnswer([...common.headers, ...POLL_HEADERS], common.keepAliveMs);
  const refuse: Refuse = (request, response, facts, error) => {
    common.dress(response, facts.requestId);
    sendProblem(parts.services, request, response, facts, error);
    logRequest(parts.services, request, statusOf(response), facts);
  };
  const poll = createFastPoll(parts, directPoll, refuse);
  const pollPath = routes.find((route) => route.operationId === 'getWaiting')?.path;

  async function serve(
    route: Route,
    input: { params: Record<string, string>; body: unknown },
    exchange: { request: Request; response: Response; facts: RequestFacts },
  ): Promise<void> {
    const { request, response, facts } = exchange;
    parts.services.metrics.requests.began();
    facts.operation = route.operationId;
    try {
      parts.limits.arrived(request);
      if (input.body instanceof Error) throw input.body;
      const reply = await answer(route, parts, exchange, { ...input, query: {} });
      if (reply === ANSWERED) throw new Error(`${route.operationId} answered by itself`);
      const { status, fields, text } = reply;
      const gone = response.destroyed;
      direct(response, status, linesOf(['X-Request-Id', facts.requestId, ...fields]), text);
      logRequest(parts.services, request, gone ? CLIENT_GONE : status, facts);
    } catch (error) {
      refuse(request, response, facts, error);
    }
  }

  return (plainRequest, plainResponse) => {
    if (plainRequest.method === 'GET' && plainRequest.url === pollPath) {
      const told = plainBearer(plainRequest);
      if (told !== undefined) poll(plainRequest as Request, plainResponse as Response, told);
      return told !== undefined;
    }
    const found = find(plainRequest);
    if (!found || !isPlain(found.route, plainRequest)) return false;
    const { route, params } = found;
    // The server makes both with Express' prototypes.
    const request = plainRequest as Request;
    const response = plainResponse as Response;
    const exchange = { request, response, facts: factsOf(request) };
    if (route.method === 'get') void serve(route, { params, body: undefined }, exchange);
    else readJson(request, (body) => void serve(route, { params, body }, exchange));
    return true;
  };
}

interface Found {
  route: Route;
  params: Record<string, string>;
}

/** Finds the route of an exact address: by the whole of it, or by its pattern where it has ids in it. */
function createFinder(routes: readonly Route[]): (request: IncomingMessage) => Found | undefined {
  const exact = { GET: new Map<string, Found>(), POST: new Map<string, Found>() };
  const patterns: { pattern: RegExp; route: Route }[] = [];
  for (const route of routes) {
    if (!route.path.includes('{')) {
      const ofMethod = route.method === 'get' ? exact.GET : exact.POST;
      ofMethod.set(route.path, { route, params: {} });
      continue;
    }
    // Ids that are plainly ids; what is wrong with any other, Express says.
    const pattern = route.path.replace(/\{(\w+)\}/g, '(?<$1>[1-9]\\d{0,14})');
    patterns.push({ pattern: new RegExp(`^${pattern}$`), route });
  }

  return ({ method, url = '' }) => {
    if (method === 'POST') return exact.POST.get(url);
    if (method !== 'GET') return undefined;
    const known = exact.GET.get(url);
    if (known) return known;
    for (const { pattern, route } of patterns) {
      const groups = pattern.exec(url)?.groups;
      if (groups) return { route, params: groups };
    }
    return undefined;
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
  takeBody(request, (bytes) => {
    let body: unknown;
    try {
      body = JSON.parse(bytes.toString('utf8'));
    } catch {
      body = undefined;
    }
    done(typeof body === 'object' && body !== null ? body : unreadable());
  });
}

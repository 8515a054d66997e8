import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import type { Services } from '../services.ts';
import type { Authentication } from './auth.ts';
import type { Auth, Callers, Context } from './context.ts';
import type { Limits } from './limits.ts';
import type { RequestFacts } from './request-log.ts';
import type { ANSWERED, Reply, Route, RouteInput } from './route.ts';
import type { Sessions } from './sessions.ts';
import type { Streams } from './streams.ts';

const REQUEST_ID = /^[\w.-]{1,64}$/;
const REQUEST_ID_CHARS = 16;
/** Of so many ids, drawn at once: a UUID costs ten times as much. */
const REQUEST_IDS = 256;
/** Random; each is given out once. */
let requestIds = '';

/** What every request needs, whichever way it comes in. */
export interface Parts {
  services: Services;
  sessions: Sessions;
  streams: Streams;
  authentication: Authentication;
  limits: Limits;
}

/** What is noted of a request from its first moment on. @param startedAt that moment, as `performance.now()` */
export function factsOf(
  request: IncomingMessage,
  startedAt: number = performance.now(),
): RequestFacts {
  const given = request.headers['x-request-id'];
  const usable = typeof given === 'string' && REQUEST_ID.test(given);
  return {
    requestId: usable ? given : nextRequestId(),
    operation: 'unknown',
    startedAt,
  };
}

function nextRequestId(): string {
  if (requestIds === '') requestIds = randomBytes(REQUEST_IDS * 12).toString('base64url');
  const next = requestIds.slice(0, REQUEST_ID_CHARS);
  requestIds = requestIds.slice(REQUEST_ID_CHARS);
  return next;
}

/**
 * One request through one route: who calls, whether too often, what is asked.
 *
 * @returns the reply, for the caller to send, or that it has been sent
 * @throws AppError of authentication, rate limit, validation and the handler
 */
export async function answer(
  route: Route,
  parts: Parts,
  { request, response, facts }: { request: Request; response: Response; facts: RequestFacts },
  input: RouteInput<unknown, unknown, unknown>,
): Promise<Reply | typeof ANSWERED> {
  facts.operation = route.operationId;
  let caller: Callers[Auth];
  if (route.auth !== 'public') {
    caller = await parts.authentication.caller(route.auth, request, facts.requestId);
  }
  if (caller && 'customerId' in caller) {
    facts.customerId = caller.customerId;
    if ('roomId' in caller) facts.roomId = caller.roomId;
    parts.limits.customer(caller);
  }
  const { services, sessions, streams } = parts;
  const context: Context<typeof route.auth> = {
    services,
    sessions,
    streams,
    caller,
    request,
    response,
    facts,
  };
  return route.run(input, context);
}

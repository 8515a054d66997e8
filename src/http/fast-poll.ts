import type { Request, Response } from 'express';
import type { QueueClaims } from '../platform/queue-tokens.ts';
import type { PlaceView } from '../waiting-room/places.ts';
import { factsOf, type Parts } from './answer.ts';
import { BEARER } from './auth.ts';
import { type DirectAnswer, numberLine } from './direct-answer.ts';
import type { Refuse } from './fast-path.ts';
import { CLIENT_GONE, logRequest, type RequestFacts } from './request-log.ts';
import { OK } from './route.ts';
import { retryAfterSeconds, waitingText } from './waiting-document.ts';

const retryAfterLine = numberLine('Retry-After');

/**
 * The poll by itself: what the route `getWaiting` does and answers, told by one callback a poll, without a
 * promise, a document or a validation between the token and the bytes.
 *
 * @returns what answers a poll whose Authorization header is a plain one
 */
export function createFastPoll(
  { services, limits }: Pick<Parts, 'services' | 'limits'>,
  direct: DirectAnswer,
  refuse: Refuse,
): (request: Request, response: Response, authorization: string) => void {
  const { queueTokens, waitingRoom, metrics } = services;

  /** Only when there is an answer: what lives while a poll waits for its batch costs most to throw away. */
  function facts(request: Request, startedAt: number, claims?: QueueClaims): RequestFacts {
    const noted = factsOf(request, startedAt);
    noted.operation = 'getWaiting';
    noted.customerId = claims?.customerId;
    noted.roomId = claims?.roomId;
    return noted;
  }

  function answer(poll: Poll, view: PlaceView): void {
    const { request, response, claims } = poll;
    const noted = facts(request, poll.startedAt, claims);
    const gone = response.destroyed;
    const lines = `X-Request-Id: ${noted.requestId}\r\n${retryAfterLine(retryAfterSeconds(view))}`;
    const text = waitingText(view, queueTokens.renew(claims));
    // A byte a character: numbers, our own words, a room's id and a token that was signed here.
    direct(response, OK, lines, text, text.length);
    logRequest(services, request, gone ? CLIENT_GONE : OK, noted);
  }

  return (request, response, authorization) => {
    const startedAt = performance.now();
    let claims: QueueClaims | undefined;
    metrics.requests.began();
    try {
      limits.arrived(request);
      claims = queueTokens.verify(authorization, BEARER.length);
      limits.customer(claims);
      const poll = { request, response, startedAt, claims };
      waitingRoom.line.lookThen(claims, (reply) => {
        try {
          if (reply instanceof Error) throw reply;
          answer(poll, reply);
        } catch (error) {
          refuse(request, response, facts(request, startedAt, poll.claims), error);
        }
      });
    } catch (error) {
      refuse(request, response, facts(request, startedAt, claims), error);
    }
  };
}

/** One that waits for its batch. */
interface Poll {
  request: Request;
  response: Response;
  startedAt: number;
  claims: QueueClaims;
}

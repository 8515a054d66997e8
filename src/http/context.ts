import type { Request, Response } from 'express';
import type { Actor } from '../platform/audit.ts';
import type { QueueClaims } from '../platform/queue-tokens.ts';
import type { Services } from '../services.ts';
import type { RequestFacts } from './request-log.ts';
import type { Sessions } from './sessions.ts';
import type { Streams } from './streams.ts';

/** Who may call an operation, and who the handler is told is calling. */
export interface Callers {
  public: undefined;
  /** Proven by a queue token: a place. */
  queue: QueueClaims;
  /** Proven by a queue token or an identity: a customer. */
  customer: { customerId: number };
  admin: Actor;
}

export type Auth = keyof Callers;

/** What handlers use besides their input. */
export interface Context<A extends Auth> {
  services: Services;
  streams: Streams;
  sessions: Sessions;
  caller: Callers[A];
  request: Request;
  response: Response;
  /** What the log will say of the request; a handler that learns more adds it. */
  facts: RequestFacts;
}

declare global {
  namespace Express {
    interface Locals {
      facts: RequestFacts;
    }
  }
}

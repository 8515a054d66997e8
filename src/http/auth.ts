import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import { AppError } from '../platform/errors.ts';
import type { QueueClaims } from '../platform/queue-tokens.ts';
import type { Services } from '../services.ts';
import type { Auth, Callers } from './context.ts';
import type { Limits } from './limits.ts';
import { ADMIN_COOKIE, equal, type Sessions } from './sessions.ts';

export const ROOM_COOKIE_PREFIX = 'foyer_room_';
/** Where the room cookie counts; everything else needs a Bearer token. */
const COOKIE_PATHS = new Set(['/customer/waiting', '/customer/waiting/stream']);

/** What a plain Authorization header begins with. */
export const BEARER = 'Bearer ';

type WithHeaders = Pick<IncomingMessage, 'headers'>;

/** Finds out who calls, as the operation demands. */
export interface Authentication {
  caller<A extends Auth>(auth: A, request: Request, requestId: string): Promise<Callers[Auth]>;
}

export function createAuthentication(
  services: Services,
  sessions: Sessions,
  limits: Limits,
): Authentication {
  const { queueTokens, identities } = services;

  function queue(request: Request): Callers['queue'] {
    const token = bearer(request) ?? roomCookie(request);
    if (token === undefined) throw new AppError('UNAUTHENTICATED');
    return queueToken(request, token);
  }

  /** Known by the whole header, as a poll's is, where that is a plain one: the token itself is at its end. */
  function queueToken(request: Request, token: string): QueueClaims {
    const told = plainBearer(request);
    return told === undefined ? queueTokens.verify(token) : queueTokens.verify(told, BEARER.length);
  }

  async function customer(request: Request): Promise<Callers['customer']> {
    const token = requireBearer(request);
    try {
      const { customerId } = queueToken(request, token);
      return { customerId };
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'TOKEN_INVALID')) throw error;
      return identities.verify(token);
    }
  }

  function admin(request: Request, requestId: string): Callers['admin'] {
    const key = bearer(request);
    if (key !== undefined) {
      const name = services.adminKeyName(key);
      if (name !== undefined) return { name, requestId };
      limits.wrongAdminKey(request);
      throw new AppError('UNAUTHENTICATED');
    }
    const session = sessions.verify(adminCookie(request));
    if (!session) throw new AppError('UNAUTHENTICATED');
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    if (changes && !equal(request.get('x-csrf-token') ?? '', session.csrfToken)) {
      throw new AppError('FORBIDDEN');
    }
    return { name: session.name, requestId };
  }

  return {
    async caller(auth, request, requestId) {
      switch (auth) {
        case 'queue':
          return queue(request);
        case 'customer':
          return customer(request);
        case 'admin':
          return admin(request, requestId);
        default:
          return undefined;
      }
    },
  };
}

/** A body that names another customer than the token is refused. */
export function requireSame(caller: { customerId: number }, customerId: number): void {
  if (caller.customerId !== customerId) throw new AppError('CUSTOMER_MISMATCH');
}

function bearer(request: WithHeaders): string | undefined {
  const told = plainBearer(request);
  if (told !== undefined) return told.slice(BEARER.length);
  const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  return token;
}

/** The whole header, where it has the form that nearly all have: `BEARER` and the token. Its text is what a poll is known by. */
export function plainBearer({ headers: { authorization } }: WithHeaders): string | undefined {
  if (!authorization?.startsWith(BEARER)) return undefined;
  return authorization.includes(' ', BEARER.length) ? undefined : authorization;
}

/** @throws UNAUTHENTICATED */
export function requireBearer(request: WithHeaders): string {
  const token = bearer(request);
  if (token === undefined) throw new AppError('UNAUTHENTICATED');
  return token;
}

/** The control room's session as the browser sent it; empty when there is none. */
export function adminCookie(request: Request): string {
  return cookies(request).get(ADMIN_COOKIE) ?? '';
}

function roomCookie(request: Request): string | undefined {
  if (request.method !== 'GET' || !COOKIE_PATHS.has(request.path)) return undefined;
  const wanted = request.query['roomId'];
  for (const [name, value] of cookies(request)) {
    if (!name.startsWith(ROOM_COOKIE_PREFIX)) continue;
    if (wanted === undefined || name === ROOM_COOKIE_PREFIX + String(wanted)) return value;
  }
  return undefined;
}

/** The token of the room cookie, for the page without script. */
export function roomToken(request: Request, roomId: string): string | undefined {
  return cookies(request).get(ROOM_COOKIE_PREFIX + roomId);
}

function cookies(request: Request): Map<string, string> {
  const pairs = (request.get('cookie') ?? '').split(';').map((pair) => pair.trim().split('='));
  return new Map(pairs.map(([name = '', ...value]): [string, string] => [name, value.join('=')]));
}

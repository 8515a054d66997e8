import { IncomingMessage, ServerResponse } from 'node:http';
import type { Response } from 'express';
import helmet from 'helmet';

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

/** Helmet's headers, names and values in turn: the same for every answer, so it is asked once. */
export function securityHeaders(): readonly string[] {
  const request = Object.create(IncomingMessage.prototype);
  const response = new ServerResponse(request);
  helmet(SECURITY_HEADERS)(request, response as Response, () => undefined);
  return Object.entries(response.getHeaders()).flatMap(([name, value]) => [name, String(value)]);
}

/** Sets on a response what every answer carries: who writes one by itself begins with this. */
export type Dress = (response: ServerResponse, requestId: string) => void;

/** @param headers names and values in turn */
export function createDress(headers: readonly string[]): Dress {
  return (response, requestId) => {
    for (let at = 0; at < headers.length; at += 2) {
      response.setHeader(headers[at] ?? '', headers[at + 1] ?? '');
    }
    response.setHeader('X-Request-Id', requestId);
  };
}

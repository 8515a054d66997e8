import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError, type ErrorCode, errorCode } from '../platform/errors.ts';
import type { Services } from '../services.ts';
import { problemOf, unreadable } from './problem.ts';

/** What Node's parser gave up on; everything else is no HTTP. */
const CODES: Record<string, ErrorCode> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
};

/** Answers what never became a request with the same body as every other error, and closes the connection. */
export function refuseConnection(
  { metrics }: Pick<Services, 'metrics'>,
  error: Error,
  socket: Duplex,
): void {
  // An answer that is on its way must not be continued by another: what Node itself asks here.
  const answering: unknown = Reflect.get(socket, '_httpMessage');
  if (!socket.writable || hasBegun(answering)) {
    socket.destroy(error);
    return;
  }
  const code = CODES[errorCode(error)];
  const refusal = code ? new AppError(code) : unreadable();
  metrics.errors.inc({ code: refusal.code });
  const requestId = randomUUID();
  const problem = problemOf(refusal, { path: '', requestId, acceptLanguage: undefined });
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${requestId}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function hasBegun(answering: unknown): boolean {
  return (
    typeof answering === 'object' &&
    answering !== null &&
    'headersSent' in answering &&
    answering.headersSent === true
  );
}

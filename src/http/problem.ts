import type { IncomingMessage, ServerResponse } from 'node:http';
import { asUnavailable } from '../platform/database-errors.ts';
import { AppError, ERRORS, type ErrorCode, isError } from '../platform/errors.ts';
import type { Services } from '../services.ts';
import type { RequestFacts } from './request-log.ts';

/** RFC 9457, with the seed's `code` and `message` as members. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: ErrorCode;
  message: string;
  requestId: string;
  [member: string]: unknown;
}

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Answers an error, whatever was thrown; a response that has begun is broken off. */
export function sendProblem(
  { metrics, logger }: Pick<Services, 'metrics' | 'logger'>,
  request: Pick<IncomingMessage, 'url' | 'headers'>,
  response: ServerResponse,
  facts: RequestFacts,
  thrown: unknown,
): void {
  const error = fromExpress(thrown) ?? toAppError(thrown);
  metrics.errors.inc({ code: error.code });
  if (error.code === 'INTERNAL') {
    const { requestId } = facts;
    logger.error({ error: error.cause ?? error, requestId }, 'request failed');
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (error.retryAfterSeconds !== undefined) {
    response.setHeader('Retry-After', Math.max(1, Math.ceil(error.retryAfterSeconds)));
  }
  if (error.details['idempotencyReplayed']) response.setHeader('Idempotency-Replayed', 'true');
  const { status } = ERRORS[error.code];
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  const body = JSON.stringify(
    problemOf(error, {
      path: (request.url ?? '').split('?')[0] ?? '',
      requestId: facts.requestId,
      acceptLanguage: request.headers['accept-language'],
    }),
  );
  response.statusCode = status;
  response.setHeader('Content-Type', PROBLEM_TYPE);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.setHeader('Cache-Control', 'no-store');
  response.end(body);
}

/** A body that is no JSON object. */
export function unreadable(): AppError {
  return new AppError('ILLEGAL_ARGUMENTS', {
    details: { errors: [{ path: '', message: 'the request cannot be read as JSON' }] },
  });
}

/** What Express and its body parser throw carries a status. */
function fromExpress(error: unknown): AppError | undefined {
  if (!isError(error) || !('status' in error)) return undefined;
  switch (error.status) {
    case 413:
      return new AppError('PAYLOAD_TOO_LARGE');
    case 415:
      return new AppError('UNSUPPORTED_MEDIA_TYPE');
    case 400:
      return unreadable();
    default:
      return undefined;
  }
}

/** What is told of an error: an AppError as it is, a lost server as UNAVAILABLE, all else as INTERNAL. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return asUnavailable(error) ?? new AppError('INTERNAL', { cause: error });
}

/** The body of an error. */
export function problemOf(
  error: AppError,
  request: { path: string; requestId: string; acceptLanguage: string | undefined },
): Problem {
  const { status, ko, en } = ERRORS[error.code];
  const sentence = error.sentence ?? { ko, en };
  const { idempotencyReplayed: _, ...details } = error.details;
  return {
    ...details,
    type: `urn:foyer:problem:${error.code}`,
    title: en,
    status,
    detail: sentence.en,
    instance: request.path,
    code: error.code,
    message: prefersEnglish(request.acceptLanguage) ? sentence.en : sentence.ko,
    requestId: request.requestId,
  };
}

/** Korean unless the header ranks English higher. */
export function prefersEnglish(acceptLanguage: string | undefined): boolean {
  if (!acceptLanguage) return false;
  return quality(acceptLanguage, 'en') > quality(acceptLanguage, 'ko');
}

/** The weight that an Accept-Language header gives a language; 0 when it does not name it. */
function quality(header: string, language: string): number {
  let best = 0;
  for (const range of header.slice(0, 200).split(',')) {
    const [tag = '', ...parameters] = range.trim().toLowerCase().split(';');
    if (tag !== language && !tag.startsWith(`${language}-`)) continue;
    const q = parameters.find((one) => one.trim().startsWith('q='));
    best = Math.max(best, q ? Number(q.trim().slice(2)) || 0 : 1);
  }
  return best;
}

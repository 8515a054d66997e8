import { asUnavailable } from '../platform/database.ts';
import { AppError, ERRORS, type ErrorCode } from '../platform/errors.ts';

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

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** What is told of an error: an AppError as it is, a lost server as UNAVAILABLE, all else as INTERNAL. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return asUnavailable(error) ?? new AppError('INTERNAL', { cause: error });
}

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
function prefersEnglish(acceptLanguage: string | undefined): boolean {
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

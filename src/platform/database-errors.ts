import pg from 'pg';
import { AppError, errorCode, isError } from './errors.ts';

/** Postgres or the way to it is gone, it has no room for one more, or a lock was not to be had in time. */
const AWAY_STATES = /^(08|53|55P03|57014|57P0|58|25006|25P03)/;
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  // Prisma: cannot reach the server, timed out waiting for a connection, server closed the connection.
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
]);
/** What pg says, without a code, when a connection is missing or lost. */
const AWAY_MESSAGES = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Client has encountered a connection error',
  'Client was closed',
];

/** UNAVAILABLE when the error says that Postgres is away; undefined for every other error. */
export function asUnavailable(error: unknown): AppError | undefined {
  for (let cause = error; isError(cause); cause = cause.cause) {
    const code = errorCode(cause);
    const message = cause.message;
    const away =
      AWAY_CODES.has(code) ||
      (code.length === 5 && AWAY_STATES.test(code)) ||
      AWAY_MESSAGES.some((one) => message.includes(one));
    if (away) return new AppError('UNAVAILABLE', { retryAfterSeconds: 1, cause: error });
  }
  return undefined;
}

/** The name of the constraint that refused a row; '' when none did. */
export function violatedConstraint(error: unknown): string {
  return error instanceof pg.DatabaseError ? (error.constraint ?? '') : '';
}

/** The server did not say this: a ROLLBACK would wait behind what it never answered. */
export function isLost(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) && asUnavailable(error) !== undefined;
}

import { createHash } from 'node:crypto';
import type { IdempotencyRequest, Keyed } from '../payments/idempotency.ts';
import { AppError } from '../platform/errors.ts';
import type { Auth, Context } from './context.ts';

const KEY_CHARS_MAX = 255;

/** The request's Idempotency-Key, with a hash of what the request asks for. @throws ILLEGAL_ARGUMENTS */
export function idempotencyOf<A extends Auth>(
  { request }: Context<A>,
  input: unknown,
): IdempotencyRequest | undefined {
  const key = request.get('idempotency-key');
  if (key === undefined) return undefined;
  if (key.length === 0 || key.length > KEY_CHARS_MAX) {
    throw new AppError('ILLEGAL_ARGUMENTS', {
      details: {
        errors: [
          { path: 'Idempotency-Key', message: `must have 1 to ${KEY_CHARS_MAX} characters` },
        ],
      },
    });
  }
  // Which operation it is, is part of the key's scope already.
  const hash = createHash('sha256').update(JSON.stringify(input));
  return { key, hash: hash.digest('base64url') };
}

/** Says in a header when the answer is that of an earlier request. */
export function answerKeyed<A extends Auth, T>({ response }: Context<A>, keyed: Keyed<T>): T {
  if (keyed.replayed) response.set('Idempotency-Replayed', 'true');
  return keyed.value;
}

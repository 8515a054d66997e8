import { createSecretKey } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { Config, QueueTokenSecret } from './config.ts';
import { AppError } from './errors.ts';
import {
  createVerifier,
  seconds,
  secretKeys,
  TOKEN_CHARS_MAX,
  verifyOwn,
} from './signed-tokens.ts';

/** Who the customer is, without a place. */
export interface Identities {
  /** Open mode only; undefined where the shop issues identities. */
  sign: ((customerId: number) => string) | undefined;
  /** @throws TOKEN_INVALID, TOKEN_EXPIRED, UNAVAILABLE (the shop's keys cannot be read) */
  verify(token: string): { customerId: number } | Promise<{ customerId: number }>;
}

const IDENTITY_SECONDS = 12 * 3_600;
const IDENTITY = 'identity';
const JWKS_CACHE_MS = 600_000;
const JWKS_TIMEOUT_MS = 2_000;

const identityPayload = z.object({
  use: z.literal(IDENTITY),
  sub: z.string().regex(/^\d{1,16}$/),
});
/** A shop may write its customer's number as a number, though RFC 7519 has a string. One that never expires is refused. */
const shopPayload = z.object({
  sub: z.union([
    z.number().int().positive(),
    z
      .string()
      .regex(/^[1-9]\d{0,15}$/)
      .transform(Number)
      .refine(Number.isSafeInteger),
  ]),
  exp: z.number(),
});

/** Open mode: tokens of our own; else the shop's, by a shared secret (HS256) or its public keys (ES256). */
export function createIdentities(
  config: Pick<Config, 'customerAuth' | 'customerJwt' | 'queueTokenSecrets'>,
  nowMs: () => number,
): Identities {
  if (config.customerAuth === 'open') return openIdentities(config.queueTokenSecrets, nowMs);
  const shop = config.customerJwt;
  if (!shop) throw new Error('CUSTOMER_AUTH=jwt without a key');
  if ('secret' in shop) {
    const verify = createVerifier(createSecretKey(shop.secret, 'utf8'), nowMs);
    return { sign: undefined, verify: (token) => shopIdentity(verify(token)) };
  }
  const keys = createRemoteJWKSet(new URL(shop.jwksUrl), {
    cacheMaxAge: JWKS_CACHE_MS,
    timeoutDuration: JWKS_TIMEOUT_MS,
  });
  return {
    sign: undefined,
    async verify(token) {
      if (token.length > TOKEN_CHARS_MAX) throw new AppError('TOKEN_INVALID');
      try {
        const { payload } = await jwtVerify(token, keys, {
          algorithms: ['ES256'],
          currentDate: new Date(nowMs()),
        });
        return shopIdentity(payload);
      } catch (cause) {
        throw shopRefusal(cause);
      }
    },
  };
}

/** jose's codes for keys that did not arrive, or not as a key set; '' is any error that is not jose's. */
const KEYS_UNREADABLE = new Set([
  '',
  errors.JOSEError.code,
  errors.JWKSTimeout.code,
  errors.JWKSInvalid.code,
]);

function joseCode(cause: unknown): string {
  return cause instanceof errors.JOSEError ? cause.code : '';
}

/** A token that is wrong is the caller's fault, keys that cannot be had are not. */
function shopRefusal(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  if (cause instanceof errors.JWTExpired) return new AppError('TOKEN_EXPIRED', { cause });
  return KEYS_UNREADABLE.has(joseCode(cause))
    ? new AppError('UNAVAILABLE', { cause, retryAfterSeconds: 1 })
    : new AppError('TOKEN_INVALID', { cause });
}

function openIdentities(secrets: readonly QueueTokenSecret[], nowMs: () => number): Identities {
  const keys = secretKeys(secrets);
  const [signing] = keys;
  return {
    sign: (customerId) =>
      jwt.sign({ use: IDENTITY, iat: seconds(nowMs) }, signing.key, {
        algorithm: 'HS256',
        keyid: signing.kid,
        subject: String(customerId),
        expiresIn: IDENTITY_SECONDS,
      }),
    async verify(token) {
      const payload = identityPayload.safeParse(verifyOwn(token, keys, nowMs));
      if (!payload.success) throw new AppError('TOKEN_INVALID');
      return { customerId: Number(payload.data.sub) };
    },
  };
}

function shopIdentity(payload: unknown): { customerId: number } {
  const parsed = shopPayload.safeParse(payload);
  if (!parsed.success) throw new AppError('TOKEN_INVALID');
  return { customerId: parsed.data.sub };
}

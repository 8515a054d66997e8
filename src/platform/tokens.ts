import { createHash, createSecretKey, timingSafeEqual } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { AdminKey, Config, QueueTokenSecret } from './config.ts';
import { AppError } from './errors.ts';
import { createRecent } from './recent.ts';
import {
  createVerifier,
  hs256,
  seconds,
  secretKeys,
  TOKEN_CHARS_MAX,
  verifyExact,
  verifyOwn,
} from './signed-tokens.ts';

/** What a queue token says: who, which room, which place. */
export interface QueueClaims {
  /** The token that says it. */
  token: string;
  customerId: number;
  roomId: string;
  seq: number;
  /** Seconds since 1970. */
  issuedAt: number;
  expiresAt: number;
}

/** The JWT given at enter. HS256 is pinned; several keys may verify, so that one can be rotated. */
export interface QueueTokens {
  sign(claims: Pick<QueueClaims, 'customerId' | 'roomId' | 'seq'>): string;
  /**
   * Verified tokens are remembered until they expire.
   *
   * @param text ends with the token; who passes the whole of a header spares cutting it out and reading the piece
   * @param from where the token begins
   * @throws TOKEN_INVALID, TOKEN_EXPIRED
   */
  verify(text: string, from?: number): QueueClaims;
  /** The same token, or a fresh one once half its life is over. */
  renew(claims: QueueClaims): string;
}

/** Who the customer is, without a place. */
export interface Identities {
  /** Open mode only; undefined where the shop issues identities. */
  sign: ((customerId: number) => string) | undefined;
  /** @throws TOKEN_INVALID, TOKEN_EXPIRED, UNAVAILABLE (the shop's keys cannot be read) */
  verify(token: string): { customerId: number } | Promise<{ customerId: number }>;
}

/** As long as the record of ended places is kept. */
export const QUEUE_TOKEN_SECONDS = 12 * 3_600;
const IDENTITY_SECONDS = 12 * 3_600;
const QUEUE = 'queue';
const IDENTITY = 'identity';
const VERIFIED_MAX = 100_000;
/** 30 bits of base64url; the character behind them has but four of the signature's. */
const MARK_CHARS = 5;
const JWKS_CACHE_MS = 600_000;
const JWKS_TIMEOUT_MS = 2_000;

const queuePayload = z.object({
  use: z.literal(QUEUE),
  sub: z.string().regex(/^\d{1,16}$/),
  room: z.string(),
  seq: z.number().int().positive(),
  iat: z.number(),
  exp: z.number(),
});
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

/** @param nowMs the clock that tokens live by, ms since 1970 */
export function createQueueTokens(
  secrets: readonly QueueTokenSecret[],
  nowMs: () => number,
): QueueTokens {
  const keys = secretKeys(secrets);
  const [signing] = keys;
  const verified = createRecent<number, { text: string; from: number; claims: QueueClaims }>(
    VERIFIED_MAX,
  );

  // One HMAC: 5 µs where the library takes 8, and everybody who comes needs one.
  function sign({ customerId, roomId, seq }: Pick<QueueClaims, 'customerId' | 'roomId' | 'seq'>) {
    const iat = seconds(nowMs);
    const exp = iat + QUEUE_TOKEN_SECONDS;
    const payload = { use: QUEUE, room: roomId, seq, iat, exp, sub: String(customerId) };
    const encoded = Buffer.from(JSON.stringify(payload)).toString('base64url');
    const signed = `${signing.header}.${encoded}`;
    return `${signed}.${hs256(signing.key, signed)}`;
  }

  return {
    sign,
    verify(text, from = 0) {
      const mark = markOf(text);
      const known = verified.get(mark);
      if (known && known.text === text && known.from === from) {
        if (known.claims.expiresAt > seconds(nowMs)) return known.claims;
        verified.delete(mark);
        throw new AppError('TOKEN_EXPIRED');
      }
      const token = text.slice(from);
      const payload = queuePayload.safeParse(
        verifyExact(token, keys, nowMs) ?? verifyOwn(token, keys, nowMs),
      );
      if (!payload.success) throw new AppError('TOKEN_INVALID');
      const { sub, room, seq, iat, exp } = payload.data;
      const claims = {
        token,
        customerId: Number(sub),
        roomId: room,
        seq,
        issuedAt: iat,
        expiresAt: exp,
      };
      verified.set(mark, { text, from, claims });
      return claims;
    },
    renew(claims) {
      const half = (claims.issuedAt + claims.expiresAt) / 2;
      return seconds(nowMs) < half ? claims.token : sign(claims);
    },
  };
}

/** A number out of the signature, to find a token by; the whole is compared then, for two may share it. */
function markOf(text: string): number {
  const end = text.length - 1;
  let mark = 0;
  for (let at = end - MARK_CHARS; at < end; at += 1) mark = (mark << 6) ^ text.charCodeAt(at);
  return mark;
}

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

/** Finds the name of an admin key in time that tells nothing about the keys. */
export function createAdminKeys(
  keys: readonly AdminKey[],
): (candidate: string) => string | undefined {
  const digests = keys.map(({ name, key }) => ({ name, digest: sha256(key) }));
  return (candidate) => {
    const digest = sha256(candidate);
    let found: string | undefined;
    for (const one of digests) {
      if (timingSafeEqual(one.digest, digest)) found = one.name;
    }
    return found;
  };
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

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

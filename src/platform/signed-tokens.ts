import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { QueueTokenSecret } from './config.ts';
import { AppError } from './errors.ts';

/** A longer one was not signed here. */
export const TOKEN_CHARS_MAX = 4_096;

const expiringPayload = z.object({ exp: z.number() });

export interface SecretKey {
  kid: string;
  key: KeyObject;
  /** The first part of every token signed with it. */
  header: string;
}

export function secretKeys(secrets: readonly QueueTokenSecret[]): [SecretKey, ...SecretKey[]] {
  const [first, ...rest] = secrets.map(({ kid, secret }) => {
    const key = createSecretKey(secret, 'utf8');
    const [header = ''] = jwt.sign({}, key, { algorithm: 'HS256', keyid: kid }).split('.');
    return { kid, key, header };
  });
  if (!first) throw new Error('no secret to sign queue tokens with');
  return [first, ...rest];
}

/** The `kid` chooses among our own keys, and nothing else. */
export function verifyOwn(token: string, keys: readonly SecretKey[], nowMs: () => number): unknown {
  const kid = headerOf(token)?.kid;
  const key = keys.find((one) => one.kid === kid);
  if (!key) throw new AppError('TOKEN_INVALID');
  return verifyWith(token, key.key, nowMs);
}

/**
 * What a token says whose header is, byte for byte, the one that we sign with; undefined for any other header,
 * which is left to the library.
 *
 * @throws TOKEN_INVALID, TOKEN_EXPIRED
 */
export function verifyExact(
  token: string,
  keys: readonly SecretKey[],
  nowMs: () => number,
): unknown {
  if (token.length > TOKEN_CHARS_MAX) throw new AppError('TOKEN_INVALID');
  const [header, payload, signature, ...more] = token.split('.');
  const key = keys.find((one) => one.header === header)?.key;
  if (!key || payload === undefined || signature === undefined || more.length > 0) return undefined;
  const expected = Buffer.from(hs256(key, `${header}.${payload}`));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new AppError('TOKEN_INVALID');
  }
  const said: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  const expiring = expiringPayload.safeParse(said);
  if (!expiring.success) throw new AppError('TOKEN_INVALID');
  if (expiring.data.exp <= seconds(nowMs)) throw new AppError('TOKEN_EXPIRED');
  return said;
}

export function hs256(key: KeyObject, signed: string): string {
  return createHmac('sha256', key).update(signed).digest('base64url');
}

function headerOf(token: string): { kid?: string | undefined } | undefined {
  if (token.length > TOKEN_CHARS_MAX) return undefined;
  try {
    return jwt.decode(token, { complete: true })?.header;
  } catch {
    return undefined;
  }
}

export function verifyWith(token: string, key: KeyObject, nowMs: () => number): unknown {
  if (token.length > TOKEN_CHARS_MAX) throw new AppError('TOKEN_INVALID');
  try {
    return jwt.verify(token, key, { algorithms: ['HS256'], clockTimestamp: seconds(nowMs) });
  } catch (cause) {
    if (cause instanceof jwt.TokenExpiredError) throw new AppError('TOKEN_EXPIRED', { cause });
    throw new AppError('TOKEN_INVALID', { cause });
  }
}

export function seconds(nowMs: () => number): number {
  return Math.floor(nowMs() / 1_000);
}

import { createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { QueueTokenSecret } from './config.ts';
import { AppError } from './errors.ts';
import { createHs256, type Hs256 } from './hs256.ts';

/** A longer one was not signed here. */
export const TOKEN_CHARS_MAX = 4_096;

/** As many kinds of header as one shop may come to use. */
const HEADERS_MAX = 8;

export interface SecretKey {
  kid: string;
  key: KeyObject;
  sign: Hs256;
  /** The first part of every token signed with it. */
  header: string;
}

export function secretKeys(secrets: readonly QueueTokenSecret[]): [SecretKey, ...SecretKey[]] {
  const [first, ...rest] = secrets.map(({ kid, secret }) => {
    const key = createSecretKey(secret, 'utf8');
    const [header = ''] = jwt.sign({}, key, { algorithm: 'HS256', keyid: kid }).split('.');
    return { kid, key, sign: createHs256(key, TOKEN_CHARS_MAX), header };
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
  const parts = partsOf(token);
  const key = keys.find((one) => one.header === parts?.header);
  return parts && key ? verifyParts(parts, key.sign, nowMs) : undefined;
}

/**
 * Verifies what one key has signed by HS256. What a header says is the library's to judge; one that it has
 * accepted is known by its text from then on, and what begins with it costs half as much.
 *
 * @returns a function of a token that answers its payload, and throws TOKEN_INVALID, TOKEN_EXPIRED
 */
export function createVerifier(key: KeyObject, nowMs: () => number): (token: string) => unknown {
  const accepted = new Set<string>();
  const sign = createHs256(key, TOKEN_CHARS_MAX);
  return (token) => {
    const parts = partsOf(token);
    if (parts && accepted.has(parts.header)) return verifyParts(parts, sign, nowMs);
    const said = verifyWith(token, key, nowMs);
    if (parts && accepted.size < HEADERS_MAX) accepted.add(parts.header);
    return said;
  };
}

interface Parts {
  header: string;
  payload: string;
  signature: string;
}

function partsOf(token: string): Parts | undefined {
  if (token.length > TOKEN_CHARS_MAX) throw new AppError('TOKEN_INVALID');
  const [header, payload, signature, ...more] = token.split('.');
  if (!header || !payload || !signature || more.length > 0) return undefined;
  return { header, payload, signature };
}

/** The signature and the times; the header is known to say HS256. @throws TOKEN_INVALID, TOKEN_EXPIRED */
function verifyParts(
  { header, payload, signature }: Parts,
  sign: Hs256,
  nowMs: () => number,
): unknown {
  const expected = Buffer.from(sign(`${header}.${payload}`));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new AppError('TOKEN_INVALID');
  }
  const said = parsed(Buffer.from(payload, 'base64url').toString('utf8'));
  const now = seconds(nowMs);
  // By hand: everybody who enters brings one, and a schema makes a copy of all that it says.
  if (!isTimed(said) || (said.nbf ?? 0) > now) throw new AppError('TOKEN_INVALID');
  if (said.exp !== undefined && said.exp <= now) throw new AppError('TOKEN_EXPIRED');
  return said;
}

function isTimed(said: unknown): said is { exp?: number; nbf?: number } {
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return false;
  const { exp, nbf }: { exp?: unknown; nbf?: unknown } = said;
  return isTime(exp) && isTime(nbf);
}

function isTime(value: unknown): boolean {
  return value === undefined || Number.isFinite(value);
}

/** undefined where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function headerOf(token: string): { kid?: string | undefined } | undefined {
  if (token.length > TOKEN_CHARS_MAX) return undefined;
  try {
    return jwt.decode(token, { complete: true })?.header;
  } catch {
    return undefined;
  }
}

function verifyWith(token: string, key: KeyObject, nowMs: () => number): unknown {
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

import { z } from 'zod';
import type { QueueTokenSecret } from './config.ts';
import { AppError } from './errors.ts';
import { createRecent } from './recent.ts';
import { seconds, secretKeys, verifyExact, verifyOwn } from './signed-tokens.ts';

/** What a queue token says: who, which room, which place. */
export interface QueueClaims {
  /** What ends with the token that says it, a header perhaps, and where that begins. */
  bearer: string;
  from: number;
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
   * @param bearer ends with the token; who passes the whole of a header spares cutting it out and reading the piece
   * @param from where the token begins
   * @throws TOKEN_INVALID, TOKEN_EXPIRED
   */
  verify(bearer: string, from?: number): QueueClaims;
  /** The same token, or a fresh one once half its life is over. */
  renew(claims: QueueClaims): string;
}

/** As long as the record of ended places is kept. */
export const QUEUE_TOKEN_SECONDS = 12 * 3_600;
const QUEUE = 'queue';
const VERIFIED_MAX = 100_000;
/** 30 bits of base64url; the character behind them has but four of the signature's. */
const MARK_CHARS = 5;

const queuePayload = z.object({
  use: z.literal(QUEUE),
  sub: z.string().regex(/^\d{1,16}$/),
  room: z.string(),
  seq: z.number().int().positive(),
  iat: z.number(),
  exp: z.number(),
});

/** @param nowMs the clock that tokens live by, ms since 1970 */
export function createQueueTokens(
  secrets: readonly QueueTokenSecret[],
  nowMs: () => number,
): QueueTokens {
  const keys = secretKeys(secrets);
  const [signing] = keys;
  const verified = createRecent<number, QueueClaims>(VERIFIED_MAX);

  // Not by the library, whose checks take longer than the signature: everybody who comes needs one.
  function sign({ customerId, roomId, seq }: Pick<QueueClaims, 'customerId' | 'roomId' | 'seq'>) {
    const iat = seconds(nowMs);
    const exp = iat + QUEUE_TOKEN_SECONDS;
    const payload = { use: QUEUE, room: roomId, seq, iat, exp, sub: String(customerId) };
    const encoded = Buffer.from(JSON.stringify(payload)).toString('base64url');
    const signed = `${signing.header}.${encoded}`;
    return `${signed}.${signing.sign(signed)}`;
  }

  return {
    sign,
    verify(bearer, from = 0) {
      const mark = markOf(bearer);
      const known = verified.get(mark);
      if (known && known.bearer === bearer && known.from === from) {
        if (known.expiresAt > seconds(nowMs)) return known;
        verified.delete(mark);
        throw new AppError('TOKEN_EXPIRED');
      }
      const token = bearer.slice(from);
      const said = verifyExact(token, keys, nowMs) ?? verifyOwn(token, keys, nowMs);
      const claims = claimsOf(said, bearer, from);
      verified.set(mark, claims);
      return claims;
    },
    renew(claims) {
      const half = (claims.issuedAt + claims.expiresAt) / 2;
      return seconds(nowMs) < half ? tokenOf(claims) : sign(claims);
    },
  };
}

/** @throws TOKEN_INVALID */
function claimsOf(said: unknown, bearer: string, from: number): QueueClaims {
  const payload = queuePayload.safeParse(said);
  if (!payload.success) throw new AppError('TOKEN_INVALID');
  const { sub, room, seq, iat, exp } = payload.data;
  return {
    bearer,
    from,
    customerId: Number(sub),
    roomId: room,
    seq,
    issuedAt: iat,
    expiresAt: exp,
  };
}

/** The token that says them. */
export function tokenOf({ bearer, from }: Pick<QueueClaims, 'bearer' | 'from'>): string {
  return bearer.slice(from);
}

/** A number out of the signature, to find a token by; the whole is compared then, for two may share it. */
function markOf(bearer: string): number {
  const end = bearer.length - 1;
  let mark = 0;
  for (let at = end - MARK_CHARS; at < end; at += 1) mark = (mark << 6) ^ bearer.charCodeAt(at);
  return mark;
}

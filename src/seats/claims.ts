import { z } from 'zod';
import type { RedisClient } from '../platform/redis.ts';
import { bindScript, defineScript } from '../platform/redis-script.ts';
import { type Seat, seatKey } from './keys.ts';

/** A claim lapses by itself when the process that made it dies before Postgres decided. */
const PROVISIONAL_MS = 10_000;

export interface ClaimId {
  concertId: number;
  customerId: number;
  claimId: string;
  seats: readonly Seat[];
}

export type ClaimReply = { kind: 'claimed' } | { kind: 'taken'; seats: Seat[] };

/** The Redis side of holds: turns the losers of a hot seat away early. Postgres remains the judge. */
export interface Claims {
  /** All seats or none, for about ten seconds. @throws UNAVAILABLE */
  claim(claim: ClaimId): Promise<ClaimReply>;
  /** After the hold was granted: the claims last as long as it. */
  settle(claim: ClaimId & { ttlMs: number }): Promise<void>;
  /** Gives back what this claim id still holds; running it twice changes nothing. */
  release(claim: ClaimId): Promise<void>;
}

const count = z.number().int();
const claimScript = defineScript({
  file: new URL('./claim.lua', import.meta.url),
  keys: ['seats...'],
  args: ['customer', 'claim', 'ttlMs'],
  reply: z.tuple([z.enum(['claimed', 'taken']), z.array(count)]),
});
const settleScript = defineScript({
  file: new URL('./settle.lua', import.meta.url),
  keys: ['seats...'],
  args: ['customer', 'claim', 'ttlMs'],
  reply: z.tuple([z.literal('settled'), count]),
});
const releaseScript = defineScript({
  file: new URL('./release.lua', import.meta.url),
  keys: ['seats...'],
  args: ['customer', 'claim'],
  reply: z.tuple([z.literal('released'), count]),
});

export function createClaims(redis: RedisClient): Claims {
  const claim = bindScript(redis, claimScript);
  const settle = bindScript(redis, settleScript);
  const release = bindScript(redis, releaseScript);

  const input = ({ concertId, customerId, claimId, seats }: ClaimId) => ({
    keys: {},
    restKeys: seats.map((seat) => seatKey(concertId, seat)),
    args: { customer: customerId, claim: claimId },
  });

  return {
    async claim(request) {
      const { args, ...keys } = input(request);
      const [word, positions] = await claim({ ...keys, args: { ...args, ttlMs: PROVISIONAL_MS } });
      if (word === 'claimed') return { kind: 'claimed' };
      return { kind: 'taken', seats: request.seats.filter((_, at) => positions.includes(at + 1)) };
    },
    async settle({ ttlMs, ...request }) {
      const { args, ...keys } = input(request);
      if (ttlMs > 0) await settle({ ...keys, args: { ...args, ttlMs: Math.floor(ttlMs) } });
    },
    async release(request) {
      await release(input(request));
    },
  };
}

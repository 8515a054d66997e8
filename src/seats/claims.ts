import { z } from 'zod';
import type { RedisClient } from '../platform/redis.ts';
import { bindScript, defineScript } from '../platform/redis-script.ts';
import { type Seat, seatKey } from './keys.ts';

/** A claim lapses by itself when the process that made it dies before Postgres decided. */
const PROVISIONAL_MS_MAX = 10_000;

export interface ClaimId {
  concertId: number;
  customerId: number;
  claimId: string;
  seats: readonly Seat[];
}

/** A claim and the length of the hold it is for, ms. */
export type HoldClaim = ClaimId & { holdMs: number };

export type ClaimReply = { kind: 'claimed' } | { kind: 'taken'; seats: Seat[] };

/** The Redis side of holds: turns the losers of a hot seat away early. Postgres remains the judge. */
export interface Claims {
  /** All seats or none, for about ten seconds and never longer than the hold. @throws UNAVAILABLE */
  claim(claim: HoldClaim): Promise<ClaimReply>;
  /** After the hold was granted: the claims last `holdMs` from when they were made, which was before it. */
  settle(claim: HoldClaim): Promise<void>;
  /** Gives back what this claim id still holds; running it twice changes nothing. */
  release(claim: ClaimId): Promise<void>;
}

const count = z.number().int();
const claimScript = defineScript({
  file: new URL('./claim.lua', import.meta.url),
  keys: ['seats...'],
  args: ['customer', 'claim', 'ttlMs'],
  reply: z.union([z.literal('claimed'), z.tuple([z.literal('taken'), z.array(count)])]),
});
const settleScript = defineScript({
  file: new URL('./settle.lua', import.meta.url),
  keys: ['seats...'],
  args: ['customer', 'claim', 'longerMs'],
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
      const ttlMs = provisionalMs(request.holdMs);
      const reply = await claim({ ...keys, args: { ...args, ttlMs } });
      if (reply === 'claimed') return { kind: 'claimed' };
      const [, positions] = reply;
      return { kind: 'taken', seats: request.seats.filter((_, at) => positions.includes(at + 1)) };
    },
    async settle(request) {
      const { args, ...keys } = input(request);
      const longerMs = request.holdMs - provisionalMs(request.holdMs);
      await settle({ ...keys, args: { ...args, longerMs } });
    },
    async release(request) {
      await release(input(request));
    },
  };
}

function provisionalMs(holdMs: number): number {
  return Math.min(PROVISIONAL_MS_MAX, holdMs);
}

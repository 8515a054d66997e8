import { randomUUID } from 'node:crypto';
import { createLogger } from '../../src/platform/logger.ts';
import { createRedis, type RedisClient, whenRedisReady } from '../../src/platform/redis.ts';
import { type Claims, createClaims } from '../../src/seats/claims.ts';
import { seatKey } from '../../src/seats/keys.ts';
import { startTestRedis, type TestRedis } from '../support/servers.ts';

describe('claims', () => {
  let server: TestRedis;
  let redis: RedisClient;
  let claims: Claims;
  const concertId = 1;
  let nextSeat = 1;

  beforeAll(async () => {
    server = await startTestRedis();
    redis = createRedis({ kind: 'single', url: server.url }, createLogger({ level: 'silent' }));
    await whenRedisReady(redis, 10_000);
    claims = createClaims(redis);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.close();
  });

  const seats = (count: number) =>
    Array.from({ length: count }, () => ({ optionId: 1, seatId: nextSeat++ }));
  const claimOf = (customerId: number, wanted: ReturnType<typeof seats>) => ({
    concertId,
    customerId,
    claimId: randomUUID(),
    seats: wanted,
    holdMs: 300_000,
  });
  const ttl = (seat: { optionId: number; seatId: number }) => redis.pttl(seatKey(concertId, seat));

  it('are made for all seats or none, and name the seats that are taken', async () => {
    const [a, b, c] = seats(3);
    if (!a || !b || !c) throw new Error('three seats');
    expect(await claims.claim(claimOf(1, [b]))).toEqual({ kind: 'claimed' });
    expect(await claims.claim(claimOf(2, [a, b, c]))).toEqual({ kind: 'taken', seats: [b] });
    expect(await Promise.all([ttl(a), ttl(c)])).toEqual([-2, -2]);
  });

  it('lapse by themselves in seconds until they are settled, then with the hold', async () => {
    const [seat] = seats(1);
    if (!seat) throw new Error('a seat');
    const claim = claimOf(1, [seat]);
    await claims.claim(claim);
    expect(await ttl(seat)).toBeGreaterThan(0);
    expect(await ttl(seat)).toBeLessThanOrEqual(10_000);
    await claims.settle(claim);
    expect(await ttl(seat)).toBeGreaterThan(10_000);
    expect(await ttl(seat)).toBeLessThanOrEqual(300_000);
  });

  it('end no later than a hold made after them, however late they are settled', async () => {
    const [seat, short] = seats(2);
    if (!seat || !short) throw new Error('two seats');
    const claim = claimOf(1, [seat]);
    await claims.claim(claim);
    // As if the process had slept for eight seconds between the commit and the settling.
    await redis.pexpire(seatKey(concertId, seat), 2_000);
    await claims.settle(claim);
    expect(await ttl(seat)).toBeLessThanOrEqual(292_000);
    const brief = { ...claimOf(1, [short]), holdMs: 2_000 };
    await claims.claim(brief);
    await claims.settle(brief);
    expect(await ttl(short)).toBeLessThanOrEqual(2_000);
  });

  it('that lapsed before they were settled stay lapsed', async () => {
    const [seat] = seats(1);
    if (!seat) throw new Error('a seat');
    await claims.settle(claimOf(1, [seat]));
    expect(await ttl(seat)).toBe(-2);
  });

  it('of an earlier hold pass to the next one of the same customer, which gives them back', async () => {
    const wanted = seats(1);
    await claims.claim(claimOf(1, wanted));
    const second = claimOf(1, wanted);
    await claims.claim(second);
    await claims.settle(second);
    await claims.release(second);
    expect(await claims.claim(claimOf(2, wanted))).toEqual({ kind: 'claimed' });
  });

  it('are given back by the claim that made them alone, once', async () => {
    const wanted = seats(1);
    const first = claimOf(1, wanted);
    await claims.claim(first);
    // Somebody else's, and an earlier one of the same customer.
    await claims.release(claimOf(2, wanted));
    await claims.release(claimOf(1, wanted));
    expect(await claims.claim(claimOf(2, wanted))).toMatchObject({ kind: 'taken' });
    await claims.release(first);
    expect(await claims.claim(claimOf(2, wanted))).toEqual({ kind: 'claimed' });
    await claims.release(first);
    expect(await claims.claim(claimOf(3, wanted))).toMatchObject({ kind: 'taken' });
  });

  it('of a customer do not stand in the way of the same customer, whose hold Postgres judges', async () => {
    const wanted = seats(1);
    const first = claimOf(1, wanted);
    await claims.claim(first);
    expect(await claims.claim(claimOf(1, wanted))).toEqual({ kind: 'claimed' });
    // The first claim is still the owner: a refused second one takes nothing along.
    await claims.release(first);
    expect(await claims.claim(claimOf(2, wanted))).toEqual({ kind: 'claimed' });
  });

  it('are not settled over somebody else who came after they had lapsed', async () => {
    const wanted = seats(1);
    const late = claimOf(1, wanted);
    const next = claimOf(2, wanted);
    await claims.claim(next);
    await claims.settle(late);
    await claims.release(late);
    expect(await claims.claim(claimOf(3, wanted))).toMatchObject({ kind: 'taken' });
    await claims.release(next);
    expect(await claims.claim(claimOf(3, wanted))).toEqual({ kind: 'claimed' });
  });

  it('give one of 100 the seat', async () => {
    const wanted = seats(1);
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, n) => claims.claim(claimOf(n + 1, wanted))),
    );
    expect(replies.filter((reply) => reply.kind === 'claimed')).toHaveLength(1);
  });
});

import fc from 'fast-check';
import { createLogger } from '../../src/platform/logger.ts';
import { createRedis, type RedisClient, whenRedisReady } from '../../src/platform/redis.ts';
import { type Claims, createClaims } from '../../src/seats/claims.ts';
import { seatKey } from '../../src/seats/keys.ts';
import { explanations, type Seen } from '../support/interleaving.ts';
import { startTestRedis, type TestRedis } from '../support/servers.ts';

const SEATS = 3;
const CUSTOMERS = 3;

type Op = {
  kind: 'claim' | 'release' | 'settle';
  customer: number;
  claim: number;
  seats: number[];
};
/** seat → `customer:claim`. */
type Model = Record<string, string>;

const op: fc.Arbitrary<Op> = fc.record({
  kind: fc.constantFrom('claim', 'claim', 'claim', 'release', 'settle'),
  customer: fc.integer({ min: 1, max: CUSTOMERS }),
  claim: fc.integer({ min: 1, max: 2 }),
  seats: fc.uniqueArray(fc.integer({ min: 1, max: SEATS }), { minLength: 1, maxLength: SEATS }),
});

function apply(state: Model, { kind, customer, claim, seats }: Op) {
  const mine = `${customer}:${claim}`;
  const ownerOf = (seat: number): string => state[seat] ?? '';
  const isMine = (seat: number): boolean => ownerOf(seat).startsWith(`${customer}:`);
  if (kind === 'claim') {
    const taken = seats.filter((seat) => ownerOf(seat) !== '' && !isMine(seat));
    if (taken.length > 0) return { state, outcome: taken };
    const got = seats.filter((seat) => ownerOf(seat) === '').map((seat) => [seat, mine]);
    return { state: { ...state, ...Object.fromEntries(got) }, outcome: [] };
  }
  if (kind === 'settle') {
    const got = seats.filter(isMine).map((seat) => [seat, mine]);
    return { state: { ...state, ...Object.fromEntries(got) }, outcome: [] };
  }
  const left = Object.entries(state).filter(
    ([seat, owner]) => !(owner === mine && seats.includes(Number(seat))),
  );
  return { state: Object.fromEntries(left), outcome: [] };
}

/** Two processes' claims against a model, several at a time. */
describe('claims against their model', () => {
  let server: TestRedis;
  const clients: RedisClient[] = [];
  const processes: Claims[] = [];
  let concertId = 0;

  beforeAll(async () => {
    server = await startTestRedis();
    for (let nth = 0; nth < 2; nth += 1) {
      const logger = createLogger({ level: 'silent' });
      const redis = createRedis({ kind: 'single', url: server.url }, logger);
      await whenRedisReady(redis, 10_000);
      clients.push(redis);
      processes.push(createClaims(redis));
    }
  });
  afterAll(async () => {
    for (const redis of clients) redis.disconnect();
    await server.close();
  });

  async function run(claims: Claims, { kind, customer, claim, seats }: Op): Promise<number[]> {
    const request = {
      concertId,
      customerId: customer,
      claimId: String(claim),
      seats: seats.map((seatId) => ({ optionId: 1, seatId })),
      holdMs: 60_000,
    };
    if (kind === 'release') await claims.release(request);
    else if (kind === 'settle') await claims.settle(request);
    else {
      const reply = await claims.claim(request);
      if (reply.kind === 'taken') return reply.seats.map((seat) => seat.seatId);
    }
    return [];
  }

  async function stored(): Promise<Model> {
    const owners: [string, string][] = [];
    for (let seatId = 1; seatId <= SEATS; seatId += 1) {
      const owner = await clients[0]?.get(seatKey(concertId, { optionId: 1, seatId }));
      if (owner) owners.push([String(seatId), owner]);
    }
    return Object.fromEntries(owners);
  }

  it('are what some order of the calls would have left, all or none, and name the seats that are taken', async () => {
    const batches = fc.array(fc.array(op, { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(batches, async (rounds) => {
        concertId += 1;
        let states: Model[] = [{}];
        for (const ops of rounds) {
          const seen: Seen<Op, number[]>[] = await Promise.all(
            ops.map(async (one, at) => {
              const claims = processes[at % processes.length];
              if (!claims) throw new Error('a process');
              return { op: one, outcome: await run(claims, one) };
            }),
          );
          const now = await stored();
          states = explanations({ states, seen, apply });
          expect(states).toContainEqual(now);
          states = [now];
        }
      }),
      { numRuns: 150 },
    );
  });
});

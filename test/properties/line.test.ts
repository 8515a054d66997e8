import fc from 'fast-check';
import { createRedis, type RedisClient, whenRedisReady } from '../../src/platform/redis.ts';
import { createWaitingRoom, type WaitingRoom } from '../../src/waiting-room/index.ts';
import { STILL_CLOCK, setClock } from '../support/clock.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { createLineRun, ROOM_OF_A_RUN } from './line-run.ts';
import { steps } from './line-steps.ts';

const RUNS = 100;

describe('the line against its model', () => {
  let stack: Stack;
  let second: RedisClient;
  let clients: WaitingRoom[];
  let nowMs = Date.now();

  beforeAll(async () => {
    stack = await startStack({ lineClock: STILL_CLOCK });
    const { services } = stack;
    const target = services.config.redis;
    if (!target) throw new Error('a stack has a Redis');
    second = createRedis(target, services.logger);
    await whenRedisReady(second, 10_000);
    const other = createWaitingRoom({
      ...{ db: services.db, redis: second, logger: services.logger, clock: STILL_CLOCK },
      nowMs: () => nowMs,
    });
    clients = [services.waitingRoom, other];
  });
  afterAll(async () => {
    await clients[1]?.close();
    second.disconnect();
    await stack.close();
  });

  it('is the model after every step, to the last number and tombstone', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const { redis } = stack.services;
        await setClock(redis, nowMs);
        const roomId = await stack.room(ROOM_OF_A_RUN);
        const run = createLineRun({ redis, clients, roomId, nowMs });
        for (const next of sequence) {
          await run.take(next);
          await run.compare();
          nowMs = run.nowMs();
        }
      }),
      { numRuns: RUNS },
    );
  });
});

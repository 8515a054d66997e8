import { eventually } from '../support/eventually.ts';
import { sellThrough } from '../support/fallen-master.ts';
import { type RedisSentinel, startRedisSentinel } from '../support/redis-sentinel.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { PATIENTLY, SLOWLY_MS, walkThrough } from '../support/walk.ts';

describe('on a Redis primary watched by sentinels', () => {
  let sentinel: RedisSentinel;
  let stack: Stack;
  beforeAll(async () => {
    sentinel = await startRedisSentinel();
    stack = await startStack({ redisEnv: sentinel.env, workers: 1 });
  }, SLOWLY_MS);
  afterAll(async () => {
    await stack?.close();
    await sentinel?.close();
  });

  it(
    'is ready, and sells from the line to the ticket',
    async () => {
      await stack.api.get('/health/ready').expect(200);
      await walkThrough(stack);
    },
    SLOWLY_MS,
  );

  it(
    'goes on with a sale whose primary was killed, and loses no answer',
    async () => {
      const sale = await sellThrough(stack, async () => {
        const fallen = await sentinel.primary();
        fallen.signal('SIGKILL');
        await eventually(async () => {
          expect(await sentinel.primary()).not.toBe(fallen);
        }, PATIENTLY);
      });
      expect(sale.unavailable).toBeGreaterThan(0);
    },
    SLOWLY_MS,
  );
});

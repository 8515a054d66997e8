import { Redis } from 'ioredis';
import type { RedisClient } from '../../src/platform/redis.ts';

/** Calls of each command that a single Redis has counted so far, those made by scripts included. */
export async function redisCalls(redis: RedisClient): Promise<Map<string, number>> {
  const info = await single(redis).info('commandstats');
  return new Map(
    [...info.matchAll(/cmdstat_(\S+):calls=(\d+)/g)].map(([, name = '', calls]) => [
      name,
      Number(calls),
    ]),
  );
}

/** What was called between the two counts; INFO, which counting takes, left out. */
export function callsSince(before: Map<string, number>, after: Map<string, number>) {
  const calls: Record<string, number> = {};
  for (const [name, count] of after) {
    const made = count - (before.get(name) ?? 0);
    if (made > 0 && name !== 'info') calls[name] = made;
  }
  return calls;
}

function single(redis: RedisClient): Redis {
  if (redis instanceof Redis) return redis;
  throw new Error('this counts the calls of a single Redis');
}

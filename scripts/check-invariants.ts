import { parseArgs } from 'node:util';
import { createInvariants } from '../src/invariants.ts';
import { ConfigError, readTargets } from '../src/platform/config.ts';
import { createDatabase } from '../src/platform/database.ts';
import { findServers } from '../src/platform/embedded.ts';
import type { InvariantCheck } from '../src/platform/invariants.ts';
import { createLogger } from '../src/platform/logger.ts';
import { createRedis, whenRedisReady } from '../src/platform/redis.ts';
import { createWaitingRoom } from '../src/waiting-room/index.ts';

/**
 * `npm run check-invariants`: checks what must never break in the system that DATABASE_URL and REDIS_URL (or
 * REDIS_CLUSTER, REDIS_SENTINELS) name, or in the private one that runs on DATA_DIR. Changes nothing.
 * Ends with 0 when all hold, 1 when one is broken, 2 when one could not be checked.
 */
const { values } = parseArgs({
  options: { json: { type: 'boolean' }, timeout: { type: 'string', default: '60' } },
});
const REDIS_READY_MS = 5_000;

try {
  const checks = await check(Number(values.timeout) * 1_000);
  process.stdout.write(values.json ? `${JSON.stringify(checks, null, 2)}\n` : table(checks));
  const broken = checks.some((one) => one.violations > 0);
  process.exitCode = broken ? 1 : checks.every((one) => one.checked) ? 0 : 2;
} catch (error) {
  process.stderr.write(`foyer: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}

async function check(timeoutMs: number): Promise<InvariantCheck[]> {
  if (!(timeoutMs > 0)) throw new ConfigError('--timeout must be seconds for each check.');
  const { databaseUrl, redis: redisTarget } = servers();
  const logger = createLogger({ level: 'silent' });
  const db = createDatabase({ url: databaseUrl, logger });
  const redis = createRedis(redisTarget, logger);
  try {
    // Without Redis the checks of Postgres are still made, and the others reported as not made.
    await whenRedisReady(redis, REDIS_READY_MS).catch(() => undefined);
    const waitingRoom = createWaitingRoom({ db, redis, logger, nowMs: Date.now });
    return await createInvariants({ db, waitingRoom }).check({ timeoutMs });
  } finally {
    redis.disconnect();
    await db.close();
  }
}

function servers() {
  const { databaseUrl, redis, dataDir } = readTargets(process.env);
  if (databaseUrl && redis) return { databaseUrl, redis };
  const found = findServers(dataDir);
  return { databaseUrl: databaseUrl ?? found.databaseUrl, redis: redis ?? found.redis };
}

function table(checks: InvariantCheck[]): string {
  const width = Math.max(...checks.map((one) => one.id.length));
  const rows = checks.map((one) => {
    const count = one.checked ? String(one.violations) : 'not checked';
    return `${count.padStart(11)}  ${one.id.padEnd(width)}  ${one.title}`;
  });
  const broken = checks.filter((one) => one.violations > 0).length;
  const unchecked = checks.filter((one) => !one.checked).length;
  return `${' violations  '}${'invariant'.padEnd(width)}\n${rows.join('\n')}\n${checks.length} checks: ${broken} broken, ${unchecked} not made\n`;
}

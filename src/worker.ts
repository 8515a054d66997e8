import { ConfigError, readConfig } from './platform/config.ts';
import { runProcess, say, startParts } from './run.ts';

/** The worker alone, for any number of processes: `npm run start:worker`. */
await runProcess(
  () => readConfig(process.env),
  async (config, logger, signal) => {
    const { databaseUrl, redis: redisTarget } = config;
    if (!databaseUrl || !redisTarget) {
      throw new ConfigError(
        'DATABASE_URL and REDIS_URL (or REDIS_CLUSTER, REDIS_SENTINELS) must be set here; `npm start` needs neither.',
      );
    }
    const parts = { api: false, worker: true };
    const running = await startParts({
      config,
      databaseUrl,
      redisTarget,
      logger,
      parts,
      say,
      signal,
    });
    say('worker runs');
    return { phases: running.phases };
  },
);

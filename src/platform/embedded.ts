import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Config, ConfigError, type RedisTarget } from './config.ts';
import { privateSecrets } from './data-dir.ts';
import { startPrivatePostgres } from './private-postgres.ts';
import { startPrivateRedis } from './private-redis.ts';

/** The servers to use: given ones, or private ones under the data folder. */
export interface Servers {
  databaseUrl: string;
  redis: RedisTarget;
  /** Resolves with a sentence when a private server ended without being asked to. */
  failed: Promise<string>;
  /** Stops the private ones. */
  stop(): Promise<void>;
}

/** Starts what the configuration does not name. @throws Error with one sentence that says what is missing */
export async function startServers(config: Config, say: (text: string) => void): Promise<Servers> {
  const dataDir = resolve(config.dataDir);
  const running: { stop(): Promise<void> }[] = [];
  const failures: Promise<string>[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.stop()));
  };

  const postgres = async (): Promise<string> => {
    if (config.databaseUrl) return config.databaseUrl;
    say('starting a private Postgres');
    const { postgresPassword } = privateSecrets(dataDir);
    const server = await startPrivatePostgres({
      dir: join(dataDir, 'postgres'),
      password: postgresPassword,
      say,
    });
    running.push(server);
    failures.push(server.process.ended);
    return server.url;
  };
  const redis = async (): Promise<RedisTarget> => {
    if (config.redis) return config.redis;
    say('starting a private Redis');
    const { redisPassword } = privateSecrets(dataDir);
    const server = await startPrivateRedis({
      dir: join(dataDir, 'redis'),
      password: redisPassword,
    });
    running.push(server);
    failures.push(server.process.ended);
    return { kind: 'single', url: server.url };
  };

  const starting = [postgres(), redis()] as const;
  try {
    const [databaseUrl, target] = await Promise.all(starting);
    return { databaseUrl, redis: target, failed: Promise.race(failures), stop };
  } catch (error) {
    // The other one may still be starting: wait for it, so that it can be stopped.
    await Promise.allSettled(starting);
    await stop();
    throw error;
  }
}

/**
 * The private servers that run on a data folder, for a look from another process.
 *
 * @throws ConfigError when none run there
 */
export function findServers(dataDir: string): Pick<Servers, 'databaseUrl' | 'redis'> {
  const folder = resolve(dataDir);
  const pidFile = join(folder, 'postgres', 'postmaster.pid');
  const redisFile = join(folder, 'redis', 'redis.conf');
  if (!existsSync(pidFile) || !existsSync(redisFile)) {
    throw new ConfigError(
      `Foyer does not run on ${dataDir}: start it there, or set DATABASE_URL and REDIS_URL.`,
    );
  }
  const { postgresPassword, redisPassword } = privateSecrets(folder);
  const postgresPort = readFileSync(pidFile, 'utf8').split('\n')[3];
  const redisPort = /^port (\d+)$/m.exec(readFileSync(redisFile, 'utf8'))?.[1];
  return {
    databaseUrl: `postgresql://foyer:${encodeURIComponent(postgresPassword)}@127.0.0.1:${postgresPort}/foyer`,
    redis: {
      kind: 'single',
      url: `redis://:${encodeURIComponent(redisPassword)}@127.0.0.1:${redisPort}`,
    },
  };
}

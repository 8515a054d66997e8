import { eventually } from './eventually.ts';
import { createProcesses, type Started } from './process.ts';
import { startProxy } from './proxy.ts';
import { freePorts } from './redis-node.ts';
import { createTestDatabase, startTestRedis } from './servers.ts';
import { ADMIN_KEY, QUEUE_SECRET, type Stack, startStack } from './stack.ts';
import { PATIENTLY } from './walk.ts';

type Script = 'api' | 'worker';

/** Two API processes behind nginx and two workers on one Postgres and one Redis. */
export interface Fleet {
  /** Of nginx. */
  url: string;
  /** Of the API processes. */
  urls: string[];
  apis: Started[];
  workers: Started[];
  /** In this process: to arrange rooms and look at data. It serves nobody. */
  stack: Stack;
  /** In place of one that has ended, on the same port. */
  again(script: Script, nth: number): Promise<void>;
  /** Its exit code. */
  stop(script: Script, nth: number, signal: NodeJS.Signals): Promise<number | null>;
  close(): Promise<void>;
}

const PROCESSES = 2;

export async function startFleet(): Promise<Fleet> {
  const [redis, database] = await Promise.all([startTestRedis(), createTestDatabase()]);
  const processes = createProcesses();
  const ports = await freePorts(PROCESSES);
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    QUEUE_TOKEN_SECRETS: `test:${QUEUE_SECRET}`,
    ADMIN_API_KEY: ADMIN_KEY,
    CUSTOMER_AUTH: 'open',
    LOG_LEVEL: 'error',
  };
  const apis: Started[] = [];
  const workers: Started[] = [];

  async function again(script: Script, nth: number): Promise<void> {
    if (script === 'worker') {
      const worker = await processes.run('worker', env);
      workers[nth] = worker;
      return eventually(() => expect(worker.output()).toContain('worker runs'), PATIENTLY);
    }
    const api = await processes.run('api', { ...env, PORT: String(ports[nth]) });
    await processes.ready(api);
    apis[nth] = api;
  }

  const stack = await startStack({ databaseUrl: database.url, redisEnv: { REDIS_URL: redis.url } });
  const all = [0, 1].flatMap((nth) => [again('api', nth), again('worker', nth)]);
  const nginx = Promise.all(all).then(() => startProxy(ports));
  const close = async (): Promise<void> => {
    await nginx.then((one) => one.close()).catch(() => undefined);
    processes.close();
    await stack.close();
    await Promise.all([redis.close(), database.drop()]);
  };
  try {
    const { url } = await nginx;
    return {
      url,
      urls: apis.map((api) => api.url),
      apis,
      workers,
      stack,
      again,
      stop(script, nth, signal) {
        const started = (script === 'api' ? apis : workers)[nth];
        if (!started) throw new Error(`no ${script} ${nth}`);
        return processes.stop(started, signal);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

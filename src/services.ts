import { type Catalog, createCatalog } from './catalog/index.ts';
import { createCollector } from './collect-metrics.ts';
import { createDemoCrowd, type DemoCrowd } from './demo-crowd.ts';
import { createInvariants, type Invariants } from './invariants.ts';
import { purgeIdempotencyKeys } from './payments/idempotency.ts';
import { createPoints, type Points } from './payments/points.ts';
import { createAdminKeys } from './platform/admin-keys.ts';
import { type Audit, createAudit } from './platform/audit.ts';
import type { Config, RedisTarget } from './platform/config.ts';
import { createDatabase, type Database } from './platform/database.ts';
import { createIdentities, type Identities } from './platform/identities.ts';
import type { Logger } from './platform/logger.ts';
import { createMetrics, type Metrics } from './platform/metrics.ts';
import { createQueueTokens, type QueueTokens } from './platform/queue-tokens.ts';
import { createJobRedis, createRedis, type RedisClient, redisReadiness } from './platform/redis.ts';
import { createRedisClock } from './platform/redis-clock.ts';
import { createReservations, type Reservations } from './reservations/index.ts';
import { createOutbox, type Outbox } from './reservations/outbox.ts';
import { createSeats, type Seats } from './seats/index.ts';
import { createWaitingRoom, type WaitingRoom } from './waiting-room/index.ts';

/** Whether one thing that serving depends on is there. */
export interface Readiness {
  name: string;
  ok: boolean;
  detail: string;
}

/** Everything that `http` and `workers` may use: built once, in dependency order. */
export interface Services {
  config: Config;
  logger: Logger;
  /** For the line of each request: its fields are few and known, so that none is searched for secrets. */
  requestLogger: Logger;
  metrics: Metrics;
  audit: Audit;
  catalog: Catalog;
  waitingRoom: WaitingRoom;
  seats: Seats;
  points: Points;
  reservations: Reservations;
  outbox: Outbox;
  queueTokens: QueueTokens;
  identities: Identities;
  /** The name of an admin key, if it is one. */
  adminKeyName(candidate: string): string | undefined;
  invariants: Invariants;
  /** Brings up to date what a scrape shows of stored data; at most every few seconds, and never throws. */
  collectMetrics(): Promise<void>;
  purgeIdempotencyKeys(): Promise<number>;
  /** A simulated crowd, where the servers are private. */
  demoCrowd: DemoCrowd | undefined;
  /** A connection of its own for BullMQ; who takes it closes it. */
  createJobRedis(): RedisClient;
  readiness(): Promise<Readiness[]>;
  db: Database;
  redis: RedisClient;
  close(): Promise<void>;
}

/** @param lineClock Lua that defines `now_us()`; Redis' own time unless a test moves it */
export function createServices(options: {
  config: Config;
  databaseUrl: string;
  redisTarget: RedisTarget;
  logger: Logger;
  migrations: readonly string[];
  lineClock?: string;
}): Services {
  const { config, redisTarget, logger } = options;
  const db = createDatabase({ url: options.databaseUrl, logger });
  const redis = createRedis(redisTarget, logger);
  const clock = createRedisClock(redis);
  const catalog = createCatalog(db);
  const waitingRoom = createWaitingRoom({
    db,
    redis,
    nowMs: clock.nowMs,
    logger,
    ...(options.lineClock === undefined ? {} : { clock: options.lineClock }),
  });
  const seats = createSeats({ db, redis });
  const metrics = createMetrics();
  const outbox = createOutbox(db);
  const invariants = createInvariants({ db, waitingRoom });
  const reservations = createReservations({
    db,
    line: waitingRoom.line,
    seats,
    catalog,
    logger,
    holdSeconds: config.holdSeconds,
    seatsPerCustomerMax: config.seatsPerCustomerMax,
  });
  const readiness = async (): Promise<Readiness[]> => {
    const [postgres, redisReady] = await Promise.all([
      db.readiness(options.migrations),
      redisReadiness(redis),
    ]);
    return [...postgres, redisReady];
  };
  const demoCrowd = config.embedded
    ? createDemoCrowd({ db, line: waitingRoom.line, logger })
    : undefined;
  return {
    config,
    logger,
    requestLogger: logger.child({}, { redact: [] }),
    metrics,
    audit: createAudit(db),
    catalog,
    waitingRoom,
    seats,
    points: createPoints(db),
    reservations,
    outbox,
    queueTokens: createQueueTokens(config.queueTokenSecrets, clock.nowMs),
    identities: createIdentities(config, clock.nowMs),
    adminKeyName: createAdminKeys(config.adminKeys),
    invariants,
    collectMetrics: createCollector({
      metrics,
      outbox,
      reservations,
      waitingRoom,
      invariants,
      readiness,
      logger,
    }),
    purgeIdempotencyKeys: () => purgeIdempotencyKeys(db),
    demoCrowd,
    createJobRedis: () => createJobRedis(redisTarget, logger),
    readiness,
    db,
    redis,
    async close() {
      demoCrowd?.stop();
      await waitingRoom.close();
      clock.stop();
      redis.disconnect();
      await db.close();
    },
  };
}

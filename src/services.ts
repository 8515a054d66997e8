import type { Config, RedisTarget } from './platform/config.ts';
import { type Catalog, createCatalog } from './catalog/index.ts';
import { createPoints, type Points } from './payments/points.ts';
import { createDatabase, type Database } from './platform/database.ts';
import type { Logger } from './platform/logger.ts';
import { createMetrics, type Metrics } from './platform/metrics.ts';
import {
  createJobRedis,
  createRedis,
  type RedisClient,
  redisReadiness,
} from './platform/redis.ts';
import {
  createIdentities,
  createQueueTokens,
  type Identities,
  type QueueTokens,
} from './platform/tokens.ts';
import { createReservations, type Reservations } from './reservations/index.ts';
import { checkSeatsAndMoney, type InvariantCheck } from './reservations/invariants.ts';
import { createOutbox, type Outbox } from './reservations/outbox.ts';
import { createSeats, type Seats } from './seats/index.ts';
import { createWaitingRoom, type WaitingRoom } from './waiting-room/index.ts';

/** Whether one thing that serving depends on is there. */
export interface Readiness {
  name: string;
  ok: boolean;
  detail: string;
}

/** Everything that `http` and `workers` may use. */
export interface Services {
  config: Config;
  logger: Logger;
  metrics: Metrics;
  db: Database;
  redis: RedisClient;
  /** A further connection, for BullMQ; the caller closes it. */
  createJobRedis(): RedisClient;
  catalog: Catalog;
  waitingRoom: WaitingRoom;
  rooms: WaitingRoom['rooms'];
  line: WaitingRoom['line'];
  roomStats: WaitingRoom['stats'];
  seats: Seats;
  points: Points;
  reservations: Reservations;
  outbox: Outbox;
  queueTokens: QueueTokens;
  identities: Identities;
  invariants: { check(): Promise<InvariantCheck[]> };
  /** A simulated crowd, in embedded mode only. */
  demoCrowd: DemoCrowd | undefined;
  readiness(): Promise<Readiness[]>;
  close(): Promise<void>;
}

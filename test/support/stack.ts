import { once } from 'node:events';
import supertest from 'supertest';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import type { WaitingDocument } from '../../src/http/waiting-document.ts';
import { readConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { listMigrations } from '../../src/platform/migrations.ts';
import { whenRedisReady } from '../../src/platform/redis.ts';
import { createServices, type Services } from '../../src/services.ts';
import { ROOM_DEFAULTS, type RoomInput } from '../../src/waiting-room/rooms.ts';
import { createWorkers, type Workers } from '../../src/workers/index.ts';
import { createTestDatabase, startTestRedis, type TestRedis } from './servers.ts';

export const ADMIN_KEY = 'an-admin-key-that-only-tests-know-of';
export const QUEUE_SECRET = 'a-queue-token-secret-that-only-tests-know';
/** Who changes rooms in tests. */
export const ACTOR = { name: 'test', requestId: 'test' };

/** The real app on real servers of its own, in this process. */
export interface Stack {
  services: Services;
  /** Its own Redis; there is none when the stack was given another. */
  redis: TestRedis;
  databaseUrl: string;
  http: HttpServer;
  /** supertest against the listening server. */
  api: ReturnType<typeof supertest>;
  url: string;
  /** A further worker; closed with the stack. */
  startWorker(): Promise<Workers>;
  /** A room of the test's own. */
  room(input?: Partial<RoomInput>): Promise<string>;
  /** A concert on sale in the room, with one performance or several. */
  concert(options: {
    roomId: string;
    seats?: number;
    price?: number;
    options?: number;
  }): Promise<{ concertId: number; optionIds: [number, ...number[]] }>;
  /** New customers with points; their ids follow each other. */
  customers(count: number, points?: number): Promise<number[]>;
  /** Enters, and expects a slot at once. */
  activate(roomId: string, customerId: number): Promise<Caller>;
  close(): Promise<void>;
}

export interface Caller {
  customerId: number;
  token: string;
  headers: { Authorization: string };
  place: WaitingDocument;
}

export const admin = { Authorization: `Bearer ${ADMIN_KEY}` };

export async function startStack(
  options: {
    env?: Record<string, string>;
    workers?: number;
    databaseUrl?: string;
    lineClock?: string;
    /** A Redis that others start and stop, as the environment names it. */
    redisEnv?: Record<string, string>;
    /** Takes the lines of the log. */
    log?: (line: string) => void;
  } = {},
): Promise<Stack> {
  const [ownRedis, database] = await Promise.all([
    options.redisEnv ? undefined : startTestRedis(),
    options.databaseUrl === undefined
      ? createTestDatabase()
      : { url: options.databaseUrl, drop: async () => undefined },
  ]);
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: database.url,
    REDIS_URL: ownRedis?.url ?? '',
    QUEUE_TOKEN_SECRETS: `test:${QUEUE_SECRET}`,
    ADMIN_API_KEY: ADMIN_KEY,
    CUSTOMER_AUTH: 'open',
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    ...options.redisEnv,
    ...options.env,
  });
  if (!config.redis) throw new Error('a stack needs a Redis');
  const services = createServices({
    config,
    databaseUrl: database.url,
    redisTarget: config.redis,
    logger: createLogger({
      level: config.logLevel,
      ...(options.log === undefined ? {} : { write: options.log }),
    }),
    migrations: listMigrations('prisma'),
    ...(options.lineClock === undefined ? {} : { lineClock: options.lineClock }),
  });
  await whenRedisReady(services.redis, 30_000);
  // Prisma loads its engine at the first query; Jest refuses imports that happen between two tests.
  await services.db.prisma.room.count();
  const http = createHttpServer(services);
  http.server.listen(0, '127.0.0.1');
  await once(http.server, 'listening');
  const address = http.server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const api = supertest(url);
  const workers: Workers[] = [];
  let made = 0;

  const stack: Stack = {
    services,
    get redis() {
      if (!ownRedis) throw new Error('this stack was given a Redis');
      return ownRedis;
    },
    databaseUrl: database.url,
    http,
    api,
    url,
    async startWorker() {
      const worker = createWorkers(services);
      workers.push(worker);
      worker.start();
      return worker;
    },
    async room(input = {}) {
      made += 1;
      const roomId = `room-${made}`;
      await services.waitingRoom.rooms.create(
        roomId,
        { ...ROOM_DEFAULTS, name: roomId, ...input },
        ACTOR,
      );
      return roomId;
    },
    async concert({ roomId, seats = 50, price = 1_000, options: count = 1 }) {
      const { editing } = services.catalog;
      const { concertId } = await editing.createConcert(
        {
          concertName: 'A concert',
          artist: 'Somebody',
          roomId,
          saleBeginAt: new Date(Date.now() - 3_600_000),
          saleEndAt: new Date(Date.now() + 86_400_000),
        },
        ACTOR,
      );
      const [first, ...rest] = await Promise.all(
        Array.from({ length: count }, async (_, nth) => {
          const option = await editing.createOption(
            concertId,
            {
              optionName: `Night ${nth + 1}`,
              performAt: new Date(Date.now() + (nth + 30) * 86_400_000),
              price,
              capacityLimit: seats,
              refundUntil: null,
            },
            ACTOR,
          );
          return option.optionId;
        }),
      );
      if (first === undefined) throw new Error('a concert needs a performance');
      return { concertId, optionIds: [first, ...rest] };
    },
    async customers(count, points = 1_000_000) {
      const rows = await services.db.query<{ id: number }>({
        text: `WITH made AS (INSERT INTO customers (name) SELECT 'Somebody' FROM generate_series(1, $1) RETURNING id),
                 opened AS (INSERT INTO accounts (customer_id, balance) SELECT id, $2 FROM made RETURNING id, customer_id),
                 granted AS (INSERT INTO transfers (kind, to_account_id, amount, balance_after, ref_type, ref_id)
                   SELECT 'GRANT', id, $2, $2, 'test', customer_id::text FROM opened WHERE $2::bigint > 0)
               SELECT id FROM made ORDER BY id`,
        values: [count, points],
      });
      return rows.map((row) => row.id);
    },
    async activate(roomId, customerId) {
      const { body } = await api
        .post('/customer/waiting/enter')
        .send({ customerId, roomId })
        .expect(200);
      if (body.status !== 'ACTIVE') throw new Error(`customer ${customerId} is ${body.status}`);
      return {
        customerId,
        token: body.token,
        headers: { Authorization: `Bearer ${body.token}` },
        place: body,
      };
    },
    async close() {
      await Promise.allSettled(workers.map((worker) => worker.close()));
      await http.close();
      await services.close();
      await Promise.all([ownRedis?.close(), database.drop()]);
    },
  };
  for (let nth = 0; nth < (options.workers ?? 0); nth += 1) await stack.startWorker();
  return stack;
}

import { Queue, Worker } from 'bullmq';
import { within } from '../platform/patience.ts';
import type { RedisClient } from '../platform/redis.ts';
import type { Services } from '../services.ts';
import { isRecurringJob, QUEUE_PREFIX, QUEUES, releaseJob } from './jobs.ts';
import { createOutboxJobs } from './outbox-jobs.ts';
import { createRecurring } from './recurring.ts';
import { createRoomJobs } from './room-jobs.ts';

const EXPIRE_MAX = 500;
const EXPIRE_BATCHES_MAX = 20;
const REFUND_MAX = 200;
const REFUND_BATCHES_MAX = 50;
const RECURRING_AT_ONCE = 8;
const RELEASES_AT_ONCE = 16;
/** A job whose worker died is somebody else's after this long. */
const STALLED_MS = 5_000;
/** A stopping worker waits no longer than this for Redis to say anything at all. */
const STOP_PATIENCE_MS = 1_000;

/** The worker half of Foyer: admits, releases, delivers, tidies. Any number of processes may run it. */
export interface Workers {
  start(): void;
  /** Takes no further jobs and waits for those that run, as long as Redis is there. */
  close(): Promise<void>;
}

export function createWorkers(services: Services): Workers {
  const { reservations, logger, metrics } = services;
  const connection = services.createJobRedis();
  const shared = { connection, prefix: QUEUE_PREFIX };
  const recurringQueue = new Queue(QUEUES.recurring, shared);
  const releaseQueue = new Queue(QUEUES.releases, shared);
  const rooms = createRoomJobs(services);
  const outbox = createOutboxJobs(services, releaseQueue);

  const stopping = new AbortController();
  const recurring = createRecurring({
    queue: recurringQueue,
    logger,
    metrics,
    handlers: {
      'tick-rooms': rooms.tickRooms,
      'keep-rooms': rooms.keepRooms,
      'walk-rooms': rooms.walkRooms,
      'apply-settings': rooms.applySettings,
      'deliver-outbox': outbox.deliver,
      'expire-holds': async () => {
        for (let batch = 0; batch < EXPIRE_BATCHES_MAX; batch += 1) {
          if ((await reservations.expireDue(EXPIRE_MAX)) < EXPIRE_MAX) return;
        }
      },
      'refund-cancelled': async () => {
        for (let batch = 0; batch < REFUND_BATCHES_MAX && !stopping.signal.aborted; batch += 1) {
          if ((await reservations.refundCancelled(REFUND_MAX)) < REFUND_MAX) return;
        }
      },
      'check-invariants': () =>
        unlessStopping(stopping.signal, services.invariants.checkAndStore(stopping.signal)),
      purge: async () => {
        await services.purgeIdempotencyKeys();
        await services.outbox.purge();
      },
    },
  });

  const options = {
    ...shared,
    autorun: false,
    stalledInterval: STALLED_MS,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  };
  const releasing = new Set<Promise<unknown>>();
  const workers = [
    new Worker(
      QUEUES.recurring,
      async (job) => {
        if (isRecurringJob(job.name)) await recurring.run(job.name);
      },
      { ...options, concurrency: RECURRING_AT_ONCE },
    ),
    new Worker(
      QUEUES.releases,
      async (job) => {
        // Who sweeps due holds finds this one.
        if (stopping.signal.aborted) return;
        const release = reservations.expireOne(releaseJob.parse(job.data).reservationId);
        releasing.add(release);
        await release.finally(() => releasing.delete(release));
      },
      { ...options, concurrency: RELEASES_AT_ONCE },
    ),
  ];
  const onError = (error: Error): void => logger.debug({ error }, 'a queue waits for Redis');
  for (const worker of workers) worker.on('error', onError);
  for (const queue of [recurringQueue, releaseQueue]) queue.on('error', onError);

  return {
    start() {
      for (const worker of workers) {
        worker.run().catch((error: unknown) => logger.error({ error }, 'a queue worker ended'));
      }
      recurring.start();
    },
    async close() {
      stopping.abort();
      rooms.stop();
      const paused = Promise.allSettled(workers.map((worker) => worker.pause()));
      await whileThere(connection, Promise.allSettled([recurring.stop(), ...releasing]));
      // What is left is between BullMQ and Redis. It waits for its connections to say that they have ended,
      // which those that Redis has lost, and that are not back yet, never do.
      await within(STOP_PATIENCE_MS, paused);
      await Promise.all(workers.map((worker) => worker.close(true)));
      await Promise.all([recurringQueue.close(), releaseQueue.close()]);
      connection.disconnect();
    },
  };
}

/** Waits for jobs, which may wait for a Redis that is away: not longer than it answers. */
async function whileThere(connection: RedisClient, jobs: Promise<unknown>): Promise<void> {
  const answers = (): Promise<boolean> => within(STOP_PATIENCE_MS, connection.ping());
  while (!(await within(STOP_PATIENCE_MS, jobs)) && (await answers().catch(() => false))) {
    // They run on.
  }
}

/** What stopping has cut short has not failed. */
async function unlessStopping(stopping: AbortSignal, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!stopping.aborted) throw error;
  }
}

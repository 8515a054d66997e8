import { Queue, Worker } from 'bullmq';
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

/** The worker half of Foyer: admits, releases, delivers, tidies. Any number of processes may run it. */
export interface Workers {
  start(): void;
  /** Takes no further jobs and waits for those that run. */
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
        await reservations.expireOne(releaseJob.parse(job.data).reservationId);
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
      await recurring.stop();
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([recurringQueue.close(), releaseQueue.close()]);
      connection.disconnect();
    },
  };
}

/** What stopping has cut short has not failed. */
async function unlessStopping(stopping: AbortSignal, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!stopping.aborted) throw error;
  }
}

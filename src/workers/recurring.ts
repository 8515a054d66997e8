import type { Queue } from 'bullmq';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import { RECURRING_JOB_NAMES, RECURRING_JOBS, type RecurringJob } from './jobs.ts';

const WATCH_EVERY_MS = 1_000;
/** A job that this process has not seen for so many of its intervals is looked after. */
const OVERDUE_INTERVALS = 3;
const OVERDUE_MIN_MS = 2_000;

/** Runs the recurring jobs, and looks after the schedule: it lives in Redis and dies with it. */
export interface Recurring {
  /** Runs one job, unless this process is still running the same, or stops. Never throws. */
  run(name: RecurringJob): Promise<void>;
  start(): void;
  /** Stops watching, runs nothing further, and waits for what runs. */
  stop(): Promise<void>;
}

export function createRecurring(options: {
  queue: Pick<Queue, 'getJobScheduler' | 'upsertJobScheduler'>;
  handlers: Record<RecurringJob, () => Promise<void>>;
  logger: Logger;
  metrics: Metrics;
}): Recurring {
  const { queue, handlers, logger, metrics } = options;
  const running = new Map<RecurringJob, Promise<void>>();
  const lastRunMs = new Map<RecurringJob, number>();
  const failing = new Set<RecurringJob>();
  let watch: NodeJS.Timeout | undefined;
  let scheduling = false;
  let stopped = false;

  async function handle(name: RecurringJob): Promise<void> {
    try {
      await handlers[name]();
      metrics.jobs.inc({ name, outcome: 'done' });
      if (failing.delete(name)) logger.info({ job: name }, 'job works again');
    } catch (error) {
      metrics.jobs.inc({ name, outcome: 'failed' });
      // Said once per outage: the next run is never far.
      if (!failing.has(name)) logger.warn({ error, job: name }, 'job failed; it runs again');
      failing.add(name);
    } finally {
      running.delete(name);
    }
  }

  async function run(name: RecurringJob): Promise<void> {
    if (stopped) return;
    lastRunMs.set(name, performance.now());
    if (running.has(name)) return;
    const work = handle(name);
    running.set(name, work);
    await work;
  }

  async function schedule(name: RecurringJob): Promise<void> {
    const { everyMs } = RECURRING_JOBS[name];
    const known = await queue.getJobScheduler(name);
    const overdueMs = Math.max(OVERDUE_MIN_MS, OVERDUE_INTERVALS * everyMs);
    if (known?.next !== undefined && known.next > Date.now() - overdueMs) return;
    await queue.upsertJobScheduler(
      name,
      { every: everyMs },
      { name, opts: { removeOnComplete: true, removeOnFail: true } },
    );
  }

  /** Runs what nobody triggered lately, and puts a lost schedule back: the first must not wait for the second. */
  function lookAfter(): void {
    const overdue = RECURRING_JOB_NAMES.filter((name) => {
      const overdueMs = Math.max(OVERDUE_MIN_MS, OVERDUE_INTERVALS * RECURRING_JOBS[name].everyMs);
      return performance.now() - (lastRunMs.get(name) ?? Number.NEGATIVE_INFINITY) >= overdueMs;
    });
    for (const name of overdue) void run(name);
    if (!scheduling) void scheduleAll(overdue);
  }

  /** While Redis is away this waits for it; who stops does not wait for this. */
  async function scheduleAll(names: RecurringJob[]): Promise<void> {
    scheduling = true;
    try {
      for (const name of names) await schedule(name);
    } catch (error) {
      logger.debug({ error }, 'schedules wait for Redis');
    } finally {
      scheduling = false;
    }
  }

  return {
    run,
    start() {
      lookAfter();
      watch = setInterval(lookAfter, WATCH_EVERY_MS);
    },
    async stop() {
      stopped = true;
      clearInterval(watch);
      await Promise.all(running.values());
    },
  };
}

import { z } from 'zod';

/**
 * Every job there is. A job carries ids only, may run twice or never, and nothing is right because it ran on
 * time: each one only does sooner what Postgres and the scripts would decide anyway.
 */
export const RECURRING_JOBS = {
  /** Ends what is over and admits in every room with people in it. */
  'tick-rooms': { everyMs: 200 },
  /** Delivers the outbox. */
  'deliver-outbox': { everyMs: 250 },
  /** Frees the seats of holds whose time is over. */
  'expire-holds': { everyMs: 1_000 },
  /** Ends who stays away, and copies ends into the record. */
  'keep-rooms': { everyMs: 1_000 },
  /** Brings settings into Redis that a patch could not. */
  'apply-settings': { everyMs: 1_000 },
  /** Goes on with the refunds of cancelled performances. */
  'refund-cancelled': { everyMs: 1_000 },
  /** Visits every room, busy or not: the backstop of the list of busy rooms. */
  'walk-rooms': { everyMs: 15_000 },
  /** Checks what must never break, for the metrics. */
  'check-invariants': { everyMs: 60_000 },
  /** Drops idempotency keys and delivered outbox rows that nobody needs any more. */
  purge: { everyMs: 600_000 },
} as const;

export type RecurringJob = keyof typeof RECURRING_JOBS;

export const RECURRING_JOB_NAMES: readonly RecurringJob[] = [
  'tick-rooms',
  'deliver-outbox',
  'expire-holds',
  'keep-rooms',
  'apply-settings',
  'refund-cancelled',
  'walk-rooms',
  'check-invariants',
  'purge',
];

export const isRecurringJob = (name: string): name is RecurringJob => name in RECURRING_JOBS;

/** Data of a delayed job that releases one hold at its deadline. */
export const releaseJob = z.object({ reservationId: z.number().int().positive() });

export const QUEUES = { recurring: 'recurring', releases: 'releases' } as const;
/** One hash tag: all keys of BullMQ on one node of a Cluster, as its scripts need. */
export const QUEUE_PREFIX = '{foyer}';

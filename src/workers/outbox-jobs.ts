import type { Queue } from 'bullmq';
import { isError } from '../platform/errors.ts';
import type { OutboxEvent } from '../reservations/outbox.ts';
import type { Services } from '../services.ts';

const BATCH_MAX = 200;
const BATCHES_PER_RUN_MAX = 20;
/** The delayed job comes a little after the deadline, when Postgres agrees that it has passed. */
const RELEASE_LATER_MS = 20;

/**
 * Delivers the outbox. Every effect may happen twice: a release job has the reservation's id, claims are
 * compared before they are deleted, and a slot ends by its seq. Seats and money depend on none of them.
 */
export function createOutboxJobs(
  services: Services,
  releases: Pick<Queue, 'add'>,
): { deliver(): Promise<void> } {
  const { outbox, seats, waitingRoom, metrics, logger } = services;

  async function scheduleRelease({ reservationId, remainingMs }: OutboxEvent): Promise<void> {
    await releases.add(
      'release-hold',
      { reservationId },
      {
        jobId: `release-${reservationId}`,
        delay: Math.max(0, Math.ceil(remainingMs)) + RELEASE_LATER_MS,
        removeOnComplete: true,
        removeOnFail: true,
      },
    );
  }

  async function releaseClaims(event: OutboxEvent): Promise<void> {
    await seats.claims.release({ ...event, seats: event.seats });
  }

  /** The place of the slot in which this was paid, and no later one; no other hold can have begun in it since. */
  async function endSlot({ roomId, customerId, slotSeq: seq }: OutboxEvent): Promise<void> {
    await waitingRoom.line.leave({ roomId, customerId, seq, reason: 'paid' });
    // Durable before the event counts as delivered: a loss of Redis cannot bring the place back.
    await waitingRoom.history.write([{ roomId, customerId, seq, kind: 'PAID', at: new Date() }]);
  }

  async function effect(event: OutboxEvent): Promise<void> {
    if (event.kind === 'reservation.held') return scheduleRelease(event);
    await releaseClaims(event);
    if (event.kind === 'reservation.confirmed') await endSlot(event);
  }

  async function deliverOne(event: OutboxEvent): Promise<number | undefined> {
    try {
      await effect(event);
      metrics.outboxDelivered.inc({ kind: event.kind, outcome: 'delivered' });
      return event.id;
    } catch (error) {
      metrics.outboxDelivered.inc({ kind: event.kind, outcome: 'failed' });
      logger.debug({ error, outbox: event.id, kind: event.kind }, 'outbox event waits');
      await outbox.failed(event.id, isError(error) ? error.message : String(error));
      return undefined;
    }
  }

  return {
    async deliver() {
      for (let batch = 0; batch < BATCHES_PER_RUN_MAX; batch += 1) {
        const events = await outbox.take(BATCH_MAX);
        const done = await Promise.all(events.map(deliverOne));
        const ids = done.filter((id) => id !== undefined);
        if (ids.length > 0) await outbox.delivered(ids);
        if (events.length < BATCH_MAX) break;
      }
    },
  };
}

import { within } from '../platform/patience.ts';
import type { ClaimId } from '../seats/claims.ts';
import type { ReservationsOptions } from './options.ts';

const PATIENCE_MS = 50;

/**
 * Gives the claims of an ended reservation back at once, so that its seats can be taken even while no worker
 * runs. One short try: the outbox does it in any case, and claims lapse by themselves.
 */
export async function releaseClaims(
  { seats, logger }: Pick<ReservationsOptions, 'seats' | 'logger'>,
  claim: ClaimId,
): Promise<void> {
  try {
    await within(PATIENCE_MS, seats.claims.release(claim));
  } catch (error) {
    logger.debug({ error }, 'the outbox will release the claims');
  }
}

import type { PlaceView } from '../waiting-room/places.ts';

/**
 * All that a reader sees, but `pollAfterMs`, which is told anew each time: what was told last. It is written over
 * in place, so that a stream that has nothing to tell keeps nothing of a tick.
 */
export interface Told {
  status: PlaceView['status'];
  waitingNumber: number;
  recovering: boolean;
  roomState: string;
  heldUntilMs: number;
  remainingSeconds: number;
  p90: number;
  etaReason: string | null;
}

export function nothingTold(): Told {
  return {
    status: 'WAITING',
    waitingNumber: -1,
    recovering: false,
    roomState: '',
    heldUntilMs: 0,
    remainingSeconds: 0,
    p90: 0,
    etaReason: null,
  };
}

/** Whether the view says anything new; from now on it is told. */
export function tells(told: Told, view: PlaceView): boolean {
  const heldUntilMs = view.heldUntilMs ?? 0;
  const p90 = view.eta?.p90 ?? -1;
  const same =
    told.status === view.status &&
    told.waitingNumber === view.waitingNumber &&
    told.recovering === view.recovering &&
    told.roomState === view.roomState &&
    told.heldUntilMs === heldUntilMs &&
    told.remainingSeconds === view.remainingSeconds &&
    told.p90 === p90 &&
    told.etaReason === view.etaReason;
  if (same) return false;
  told.status = view.status;
  told.waitingNumber = view.waitingNumber;
  told.recovering = view.recovering;
  told.roomState = view.roomState;
  told.heldUntilMs = heldUntilMs;
  told.remainingSeconds = view.remainingSeconds;
  told.p90 = p90;
  told.etaReason = view.etaReason;
  return true;
}

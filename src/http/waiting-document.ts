import { z } from 'zod';
import { isoTime } from '../platform/iso-time.ts';
import { numberText } from '../platform/number-text.ts';
import type { PlaceView } from '../waiting-room/places.ts';
import { eta, id, time } from './schemas.ts';

/** What enter, check, GET and the stream answer: the seed's fields, its spelling included, and additions. */
export const waitingDocument = z.object({
  customerId: id,
  watingNumber: z.number().int(),
  status: z.enum(['WAITING', 'ACTIVE', 'EXPIRED']),
  remainingTime: z.number().int(),
  token: z.string(),
  waitingNumber: z.number().int(),
  roomId: z.string(),
  roomState: z.enum(['OPEN', 'PAUSED', 'CLOSED']),
  pollAfterMs: z.number().int(),
  placeHeldUntil: time.nullable(),
  recovering: z.boolean(),
  eta,
  etaReason: z.string().nullable(),
});

export type WaitingDocument = z.infer<typeof waitingDocument>;

export function toWaitingDocument(view: PlaceView, token: string): WaitingDocument {
  return {
    customerId: view.customerId,
    watingNumber: view.waitingNumber,
    status: view.status,
    remainingTime: view.remainingSeconds,
    token,
    waitingNumber: view.waitingNumber,
    roomId: view.roomId,
    roomState: view.roomState,
    pollAfterMs: view.pollAfterMs,
    placeHeldUntil: view.heldUntilMs === null ? null : isoTime(view.heldUntilMs),
    recovering: view.recovering,
    eta: view.eta,
    etaReason: view.etaReason,
  };
}

/**
 * The same document as its JSON text. Polls are many, and this is the shape they all have: numbers, words of our
 * own, a room's id and a token that was signed here, in none of which JSON escapes anything.
 */
export function waitingText(view: PlaceView, token: string): string {
  const { heldUntilMs, eta: wait } = view;
  const frame = frameOf(view);
  const number = numberText(view.waitingNumber);
  const heldUntil = heldUntilMs === null ? '' : isoTime(heldUntilMs);
  const estimate = wait === null ? '' : `${numberText(wait.p50)},"p90":${numberText(wait.p90)}`;
  return `{"customerId":${numberText(view.customerId)},"watingNumber":${number}${frame.status}${numberText(view.remainingSeconds)},"token":"${token}","waitingNumber":${number}${frame.room}${numberText(view.pollAfterMs)}${frame.held}${heldUntil}${frame.eta}${estimate}${frame.reason}`;
}

/** What stands between the numbers of one poll, and is the same for nearly all of its batch. */
interface Frame {
  of: PlaceView;
  status: string;
  room: string;
  held: string;
  eta: string;
  reason: string;
}

let last: Frame | undefined;

/** A text of many small pieces costs by the piece, so the last frame is kept. */
function frameOf(view: PlaceView): Frame {
  const same =
    last?.of.status === view.status &&
    last.of.roomId === view.roomId &&
    last.of.roomState === view.roomState &&
    last.of.recovering === view.recovering &&
    last.of.etaReason === view.etaReason &&
    (last.of.heldUntilMs === null) === (view.heldUntilMs === null) &&
    (last.of.eta === null) === (view.eta === null);
  if (last && same) return last;
  const [held, heldEnd] = view.heldUntilMs === null ? ['null', ''] : ['"', '"'];
  const [eta, etaEnd] = view.eta === null ? ['null', ''] : ['{"p50":', '}'];
  const reason = view.etaReason === null ? 'null' : `"${view.etaReason}"`;
  last = {
    of: view,
    status: `,"status":"${view.status}","remainingTime":`,
    room: `,"roomId":"${view.roomId}","roomState":"${view.roomState}","pollAfterMs":`,
    held: `,"placeHeldUntil":${held}`,
    eta: `${heldEnd},"recovering":${view.recovering},"eta":${eta}`,
    reason: `${etaEnd},"etaReason":${reason}}`,
  };
  return last;
}

/** When to poll next, for clients that go by headers: no earlier than `pollAfterMs`. */
export function retryAfterSeconds({ pollAfterMs }: Pick<WaitingDocument, 'pollAfterMs'>): number {
  return Math.ceil(pollAfterMs / 1_000);
}

export function waitingHeaders(document: WaitingDocument): Record<string, string> {
  return { 'Retry-After': String(retryAfterSeconds(document)) };
}

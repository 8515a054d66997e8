import fc from 'fast-check';
import { toWaitingDocument, waitingText } from '../../src/http/waiting-document.ts';
import type { PlaceView } from '../../src/waiting-room/places.ts';

const seconds = fc.nat();
const token = fc.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/);
const view: fc.Arbitrary<PlaceView> = fc.record({
  roomId: fc.oneof(fc.constantFrom('main', 'second'), fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/)),
  customerId: fc.nat(),
  seq: fc.nat(),
  status: fc.constantFrom('WAITING', 'ACTIVE', 'EXPIRED'),
  waitingNumber: fc.nat(),
  remainingSeconds: seconds,
  pollAfterMs: fc.nat(),
  heldUntilMs: fc.option(fc.date({ noInvalidDate: true }).map((date) => date.getTime())),
  recovering: fc.boolean(),
  eta: fc.option(fc.record({ p50: seconds, p90: seconds })),
  etaReason: fc.constantFrom(null, 'recovering', 'paused', 'not open yet', 'unknown'),
  roomState: fc.constantFrom('OPEN', 'PAUSED', 'CLOSED'),
});

describe('the text of a waiting document', () => {
  it('is, byte for byte, what the document itself would be written as, whatever was written before', () => {
    fc.assert(
      fc.property(fc.array(view, { minLength: 2 }), token, (places, signed) => {
        for (const place of places) {
          expect(waitingText(place, signed)).toBe(JSON.stringify(toWaitingDocument(place, signed)));
        }
      }),
    );
  });
});

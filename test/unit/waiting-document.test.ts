import fc from 'fast-check';
import { toWaitingDocument, waitingText } from '../../src/http/waiting-document.ts';
import type { PlaceView } from '../../src/waiting-room/places.ts';

const seconds = fc.nat();
const view: fc.Arbitrary<PlaceView> = fc.record({
  roomId: fc.string({ unit: 'binary' }),
  customerId: fc.nat(),
  seq: fc.nat(),
  status: fc.constantFrom('WAITING', 'ACTIVE', 'EXPIRED'),
  waitingNumber: fc.nat(),
  remainingSeconds: seconds,
  pollAfterMs: fc.nat(),
  placeHeldUntil: fc.option(fc.date({ noInvalidDate: true })),
  recovering: fc.boolean(),
  eta: fc.option(fc.record({ p50: seconds, p90: seconds })),
  etaReason: fc.option(fc.string({ unit: 'binary' })),
  roomState: fc.constantFrom('OPEN', 'PAUSED', 'CLOSED'),
});

describe('the text of a waiting document', () => {
  it('is, byte for byte, what the document itself would be written as', () => {
    fc.assert(
      fc.property(view, fc.string({ unit: 'binary' }), (place, token) => {
        expect(waitingText(place, token)).toBe(JSON.stringify(toWaitingDocument(place, token)));
      }),
    );
  });
});

import fc from 'fast-check';
import { createRecent } from '../../src/platform/recent.ts';

const MAX = 8;
const key = fc.nat(20);
const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key }),
  fc.record({ kind: fc.constant('get' as const), key }),
  fc.record({ kind: fc.constant('delete' as const), key }),
);

describe('what came lately', () => {
  it('is remembered by at least half as many keys as fit, and never wrongly', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const recent = createRecent<number, { nth: number }>(MAX);
        // The newest last: a used key moves to the end.
        const model = new Map<number, { nth: number }>();
        for (const [nth, { kind, key }] of steps.entries()) {
          const known = model.get(key);
          const rank = [...model.keys()].reverse().indexOf(key);
          model.delete(key);
          if (kind === 'set') {
            recent.set(key, { nth });
            model.set(key, { nth });
          } else if (kind === 'delete') {
            recent.delete(key);
            expect(recent.get(key)).toBeUndefined();
          } else {
            const found = recent.get(key);
            if (found || (rank >= 0 && rank < MAX / 2)) expect(found).toEqual(known);
            if (found && known) model.set(key, known);
          }
        }
        const left = Array.from({ length: 21 }, (_, one) => recent.get(one));
        expect(left.filter((one) => one !== undefined).length).toBeLessThanOrEqual(MAX);
      }),
    );
  });
});

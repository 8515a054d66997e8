import { createHmac, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { createHs256 } from '../../src/platform/hs256.ts';

const CHARS_MAX = 300;

describe('hs256', () => {
  it("is Node's HMAC, whatever the secret and the texts signed with it in turn", () => {
    const text = fc.string({ unit: 'binary', maxLength: CHARS_MAX / 2 });
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.array(text, { minLength: 1, maxLength: 5 }),
        (secret, texts) => {
          const key = createSecretKey(secret);
          const sign = createHs256(key, CHARS_MAX);
          for (const one of texts) {
            const expected = createHmac('sha256', key).update(one).digest('base64url');
            expect(sign(one)).toBe(expected);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([1, 63, 64, 65, 200])("is Node's HMAC for a secret of %i bytes", (bytes) => {
    const key = createSecretKey(Buffer.alloc(bytes, 7));
    const halfSurrogate = 'a.\ud800';
    for (const text of ['', 'a.b', halfSurrogate]) {
      const expected = createHmac('sha256', key).update(text).digest('base64url');
      expect(createHs256(key, CHARS_MAX)(text)).toBe(expected);
    }
  });

  it('signs a text as long as was allowed for, of the longest characters, and refuses a longer one', () => {
    const key = createSecretKey('a-secret', 'utf8');
    const sign = createHs256(key, CHARS_MAX);
    const longest = '\u{ffff}'.repeat(CHARS_MAX);
    expect(sign(longest)).toBe(createHmac('sha256', key).update(longest).digest('base64url'));
    expect(() => sign(`${longest}.`)).toThrow(/longer/);
  });
});

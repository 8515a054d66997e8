import { createHmac, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import jwt from 'jsonwebtoken';
import { createVerifier, TOKEN_CHARS_MAX } from '../../src/platform/signed-tokens.ts';

const NOW = 1_800_000_000;
const secret = 'a-secret-that-a-shop-shares-with-foyer';
const key = createSecretKey(secret, 'utf8');
const encoded = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

const time = fc.option(
  fc.oneof(fc.integer({ min: NOW - 2, max: NOW + 2 }), fc.constantFrom(null, '9999999999', true)),
  { nil: undefined },
);
const payload = fc.oneof(
  { weight: 8, arbitrary: fc.record({ sub: fc.string(), exp: time, nbf: time, iat: time }) },
  { weight: 1, arbitrary: fc.constantFrom(null, 7, [], '{', '"text"') },
);
const signer = fc.constantFrom(secret, secret, secret, 'another-secret-that-nobody-shares');
const HEADERS = [
  { alg: 'HS256', typ: 'JWT' },
  { alg: 'HS256', kid: 'a' },
];

/** How the library judges, for which nothing is known before; what is no object names nobody. */
function judged(token: string): unknown {
  try {
    const said = jwt.verify(token, key, { algorithms: ['HS256'], clockTimestamp: NOW });
    return typeof said !== 'object' || Array.isArray(said) ? 'TOKEN_INVALID' : said;
  } catch (error) {
    return error instanceof jwt.TokenExpiredError ? 'TOKEN_EXPIRED' : 'TOKEN_INVALID';
  }
}

/** Whatever the payload, be it JSON or not. */
function tokenOf(head: object, said: unknown, by: string): string {
  const signed = `${encoded(head)}.${encoded(said)}`;
  return `${signed}.${createHmac('sha256', by).update(signed).digest('base64url')}`;
}

describe('a verifier that knows the header', () => {
  it('judges every token as the library does', () => {
    const verify = createVerifier(key, () => NOW * 1_000);
    for (const head of HEADERS) verify(tokenOf(head, {}, secret));
    const header = fc.constantFrom(...HEADERS);
    fc.assert(
      fc.property(header, payload, signer, (head, said, by) => {
        const token = tokenOf(head, said, by);
        let answer: unknown;
        try {
          answer = verify(token);
        } catch (error) {
          answer = Object(error).code;
        }
        expect(answer).toEqual(judged(token));
      }),
      { numRuns: 500 },
    );
  });

  it('refuses a longer token than any that is signed here, and no shorter one', () => {
    const verify = createVerifier(key, () => NOW * 1_000);
    const [head] = HEADERS;
    if (!head) throw new Error('a header');
    const tokens = Array.from({ length: 40 }, (_, nth) =>
      tokenOf(head, { sub: 'a'.repeat(2_985 + nth) }, secret),
    );
    const accepted = tokens.filter((token) => {
      try {
        return verify(token);
      } catch (error) {
        expect(error).toMatchObject({ code: 'TOKEN_INVALID' });
        return false;
      }
    });
    expect(accepted).toEqual(tokens.filter(({ length }) => length <= TOKEN_CHARS_MAX));
    const lengths = tokens.map(({ length }) => length);
    expect(lengths).toContain(TOKEN_CHARS_MAX);
    expect(Math.max(...lengths)).toBeGreaterThan(TOKEN_CHARS_MAX);
  });
});

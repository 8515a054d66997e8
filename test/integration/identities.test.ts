import { generateKeyPairSync } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { type ShopKeys, serveShopKeys } from '../support/shop-keys.ts';
import { type Stack, startStack } from '../support/stack.ts';

/** A shop that signs its customers' tokens itself and publishes its keys. */
describe("the shop's own customer tokens", () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keySet = JSON.stringify({
    keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'shop', alg: 'ES256', use: 'sig' }],
  });
  let shop: ShopKeys;
  let answer: { status: number; body: string };
  let stack: Stack;
  let customerId: number;

  beforeAll(async () => {
    shop = await serveShopKeys(() => answer);
    stack = await startStack({ env: shop.env });
    [customerId = 0] = await stack.customers(1);
    await stack.room();
  });
  afterAll(async () => {
    await stack.close();
    shop.close();
  });

  const token = (payload: object) =>
    jwt.sign(JSON.stringify(payload), privateKey, {
      algorithm: 'ES256',
      header: { alg: 'ES256', kid: 'shop' },
    });
  const enter = async (payload: object) => {
    const { status, body } = await stack.api
      .post('/customer/waiting/enter')
      .set('Authorization', `Bearer ${token(payload)}`)
      .send({ customerId, roomId: 'room-1' });
    return [status, body.code ?? body.status];
  };
  const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

  it.each([
    ['an error', 500, 'no'],
    ['no such page', 404, 'no'],
    ['something else', 200, '<html>'],
    ['JSON that is no key set', 200, '{}'],
  ])('cannot be judged while its keys answer with %s', async (_, status, body) => {
    answer = { status, body };
    expect(await enter({ sub: String(customerId), exp: inAnHour() })).toEqual([503, 'UNAVAILABLE']);
  });

  it('prove the customer once the keys can be read', async () => {
    answer = { status: 200, body: keySet };
    expect(await enter({ sub: String(customerId), exp: inAnHour() })).toEqual([200, 'ACTIVE']);
    expect(await enter({ sub: customerId, exp: inAnHour() })).toEqual([200, 'ACTIVE']);
  });

  it('name one customer in digits, for a limited time', async () => {
    const exp = inAnHour();
    for (const sub of [true, [customerId], '', ' 1', '0x1', '1e0', `0${customerId}`, null, 1.5]) {
      expect([sub, ...(await enter({ sub, exp }))]).toEqual([sub, 401, 'TOKEN_INVALID']);
    }
    expect(await enter({ sub: String(customerId) })).toEqual([401, 'TOKEN_INVALID']);
    expect(await enter({ sub: String(customerId), exp: 1 })).toEqual([401, 'TOKEN_EXPIRED']);
    expect(await enter({ sub: String(customerId + 1), exp })).toEqual([403, 'CUSTOMER_MISMATCH']);
  });
});

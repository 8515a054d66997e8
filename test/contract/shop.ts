import jwt from 'jsonwebtoken';
import { type Stack, startStack } from '../support/stack.ts';
import type { Contract } from './harness.ts';

const SHOP_SECRET = 'the-secret-that-a-shop-shares-with-foyer';

/** Where the shop says who its customers are. */
export function shopContract({ refusedBy }: Contract): void {
  describe('with the shop its own identities', () => {
    let shop: Stack;
    let customerId: number;
    let roomId: string;
    beforeAll(async () => {
      shop = await startStack({
        env: { CUSTOMER_AUTH: 'jwt', CUSTOMER_JWT_SECRET: SHOP_SECRET },
      });
      roomId = await shop.room();
      [customerId = 0] = await shop.customers(1);
    });
    afterAll(() => shop.close());

    const identity = (sub: number, secret: string, expiresIn = 60) =>
      jwt.sign({}, secret, { subject: String(sub), expiresIn });
    const enter = (token?: string) => ({
      method: 'post' as const,
      path: '/customer/waiting/enter',
      body: { customerId, roomId },
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    });

    it('believes its tokens alone', async () => {
      const refused = refusedBy(shop);
      await refused('UNAUTHENTICATED', enter());
      await refused('TOKEN_INVALID', enter(identity(customerId, `${SHOP_SECRET}x`)));
      await refused('TOKEN_EXPIRED', enter(identity(customerId, SHOP_SECRET, -10)));
      await refused('CUSTOMER_MISMATCH', enter(identity(customerId + 1, SHOP_SECRET)));
      await refused('FORBIDDEN', {
        method: 'post',
        path: '/customer/identify',
        body: { customerId },
      });
      const { body } = await shop.api
        .post('/customer/waiting/enter')
        .set('Authorization', `Bearer ${identity(customerId, SHOP_SECRET)}`)
        .send({ customerId, roomId })
        .expect(200);
      expect(body.status).toBe('ACTIVE');
    });
  });
}

import { admin } from '../support/stack.ts';
import type { Contract } from './harness.ts';

/** The catalog, as operators see it. */
export function catalogContract(contract: Contract): void {
  const { ok, refused } = contract;

  it('serves the catalog to admins', async () => {
    const roomId = await contract.stack.room();
    const { body: concert } = await ok({
      method: 'post',
      path: '/admin/concerts',
      headers: admin,
      body: {
        concertName: '봄 콘서트',
        artist: '가수',
        roomId,
        saleBeginAt: '2026-01-01T00:00:00+09:00',
        saleEndAt: '2099-01-01T00:00:00Z',
      },
    });
    expect(concert.saleBeginAt).toBe('2025-12-31T15:00:00.000Z');
    const path = `/admin/concerts/${concert.concertId}`;
    const { body: option } = await ok({
      method: 'post',
      path: `${path}/options`,
      headers: admin,
      body: { optionName: 'One', performAt: '2098-01-01T00:00:00Z', price: 10, capacityLimit: 5 },
    });
    await ok({ method: 'get', path: '/admin/concerts', headers: admin });
    await ok({ method: 'get', path: `${path}/options`, headers: admin });
    const one = `${path}/options/${option.optionId}`;
    await ok({ method: 'post', path: `${one}/blocks`, headers: admin, body: { seats: [5] } });
    await refused('RESERVATION_STATE_CONFLICT', {
      method: 'patch',
      path: one,
      headers: admin,
      body: { capacityLimit: 4 },
    });
    await ok({ method: 'delete', path: `${one}/blocks`, headers: admin, body: { seats: [5] } });
    await ok({ method: 'post', path: '/admin/customers', headers: admin, body: { name: 'New' } });
    await ok({ method: 'get', path: '/admin/customers', headers: admin });
    await refused('ILLEGAL_ARGUMENTS', {
      method: 'post',
      path: `${one}/cancel`,
      headers: admin,
      body: { confirm: 'Two' },
    });
    await ok({ method: 'post', path: `${one}/cancel`, headers: admin, body: { confirm: 'One' } });
    await ok({ method: 'get', path: `${one}/cancel`, headers: admin });
  });
}

import { randomUUID } from 'node:crypto';
import type { Call, Contract } from './harness.ts';

/** Customers and their points. */
export function customerContract(contract: Contract): void {
  const { ok, refused, send, sale } = contract;

  it('knows customers without a place, and their points', async () => {
    const [customerId] = await contract.stack.customers(1, 1_000);
    if (!customerId) throw new Error('a customer');
    const { body } = await ok({
      method: 'post',
      path: '/customer/identify',
      body: { customerId },
    });
    const headers = { Authorization: `Bearer ${body.token}` };
    const balance = () =>
      ok({ method: 'post', path: '/customer/point/balance', headers, body: { customerId } });
    expect((await balance()).body).toEqual({ customerId, balance: 1_000, heldAmount: 0 });
    const charge = (amount: number): Call => ({
      method: 'post',
      path: '/customer/point/charge',
      headers: { ...headers, 'Idempotency-Key': 'charge-1' },
      body: { customerId, amount },
    });
    expect((await ok(charge(500))).body).toEqual({
      customerId,
      balance: 1_500,
      transferId: expect.any(Number),
    });
    const again = await ok(charge(500));
    const spelled = await send({ ...charge(500), path: '/Customer/Point/Charge/' });
    for (const { headers: answered, body: replayed } of [again, spelled]) {
      expect(answered['idempotency-replayed']).toBe('true');
      expect(replayed.balance).toBe(1_500);
    }
    await refused('IDEMPOTENCY_KEY_REUSED', charge(600));
    const small = await refused('ILLEGAL_ARGUMENTS', charge(9));
    expect(small.body.message).toBe('충전 금액은 10원 이상이어야 합니다.');
    const english = await send({ ...charge(9), headers: { ...headers, 'Accept-Language': 'en' } });
    expect(english.body.message).toBe('The amount must be at least 10 won.');
    const history = await ok({ method: 'get', path: '/customer/point/history', headers });
    expect(history.body.items.map((item: { kind: string }) => item.kind)).toEqual([
      'CHARGE',
      'GRANT',
    ]);
    // An identity has no place in any line.
    await refused('TOKEN_INVALID', { method: 'get', path: '/customer/waiting', headers });
  });

  it('lets one of two requests with the same key run at a time', async () => {
    const { caller, customerId } = await sale();
    const key = randomUUID();
    const client = await contract.stack.services.db.pool.connect();
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      [customerId, 'charge', key].join('\n'),
    ]);
    const reply = await refused('IDEMPOTENCY_IN_PROGRESS', {
      method: 'post',
      path: '/customer/point/charge',
      headers: { ...caller.headers, 'Idempotency-Key': key },
      body: { customerId, amount: 100 },
    });
    expect(reply.headers['retry-after']).toBe('1');
    await client.query('ROLLBACK');
    client.release();
  });
}

import { admin } from '../support/stack.ts';
import type { Contract } from './harness.ts';

/** The line: the seed's two calls, and what was added to them. */
export function waitingContract(contract: Contract): void {
  const { ok, refused, enter, sale } = contract;

  it("serves the seed's waiting calls verbatim, with additions", async () => {
    const roomId = await contract.stack.room({ capacity: 1 });
    const [a, b] = await contract.stack.customers(2);
    if (!a || !b) throw new Error('two customers');
    const { body: active } = await ok(enter(a, roomId));
    expect(active).toMatchObject({ customerId: a, watingNumber: 0, status: 'ACTIVE' });
    expect(active.remainingTime).toBeGreaterThan(590);
    const entered = await ok(enter(b, roomId));
    expect(entered.body).toEqual({
      customerId: b,
      watingNumber: 1,
      status: 'WAITING',
      remainingTime: expect.any(Number),
      token: expect.any(String),
      waitingNumber: 1,
      roomId,
      roomState: 'OPEN',
      pollAfterMs: expect.any(Number),
      placeHeldUntil: expect.any(String),
      recovering: false,
      eta: null,
      etaReason: 'unknown',
    });
    const headers = { Authorization: `Bearer ${entered.body.token}` };
    const check = await ok({
      method: 'post',
      path: '/customer/waiting/check',
      headers,
      body: { customerId: b },
    });
    const poll = await ok({ method: 'get', path: '/customer/waiting', headers });
    for (const { body } of [check, poll]) {
      expect(Object.keys(body).sort()).toEqual(Object.keys(entered.body).sort());
      expect(body).toMatchObject({ watingNumber: 1, status: 'WAITING', token: entered.body.token });
    }
    // The cookie that enter set speaks for the place where a Bearer token does not.
    const cookie = String(entered.headers['set-cookie']).split(';')[0] ?? '';
    expect(String(entered.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Lax/);
    await ok({ method: 'get', path: '/customer/waiting', headers: { Cookie: cookie } });
    await refused('UNAUTHENTICATED', {
      method: 'delete',
      path: '/customer/waiting',
      headers: { Cookie: cookie },
    });
    await refused('CUSTOMER_MISMATCH', {
      method: 'post',
      path: '/customer/waiting/check',
      headers,
      body: { customerId: a },
    });
    await ok({ method: 'delete', path: '/customer/waiting', headers });
    const { body: over } = await ok({ method: 'get', path: '/customer/waiting', headers });
    expect(over).toMatchObject({ status: 'EXPIRED', remainingTime: 0, watingNumber: 0 });
  });

  it('shows what everybody may know of a room', async () => {
    const roomId = await contract.stack.room({
      title: 'Tonight',
      message: 'Soon',
      colour: '#ffcc00',
    });
    const { concertId } = await contract.stack.concert({ roomId });
    const { body } = await ok({ method: 'get', path: `/rooms/${roomId}` });
    expect(body).toEqual({
      roomId,
      title: 'Tonight',
      message: 'Soon',
      colour: '#ffcc00',
      onColour: '#000000',
      state: 'OPEN',
      opensAt: null,
      closesAt: null,
      customerAuth: 'open',
      concerts: [{ concertId, concertName: 'A concert', artist: 'Somebody' }],
    });
    await refused('ROOM_NOT_FOUND', { method: 'get', path: '/rooms/no-such-room' });
  });

  it('streams the same documents', async () => {
    const { caller } = await sale();
    const reply = await contract.stack.api
      .get('/customer/waiting/stream')
      .set(caller.headers)
      .expect(200);
    expect(reply.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(reply.headers['cache-control']).toContain('no-transform');
    const data = /^data: (.*)$/m.exec(reply.text)?.[1] ?? '';
    expect(JSON.parse(data)).toMatchObject({ status: 'ACTIVE', customerId: caller.customerId });
    contract.walked.add('streamWaiting');
  });

  it('refuses to enter where it must', async () => {
    const roomId = await contract.stack.room({ capacity: 0, waitingMax: 1 });
    const closed = await contract.stack.room({ state: 'CLOSED' });
    const [a, b] = await contract.stack.customers(2);
    if (!a || !b) throw new Error('two customers');
    await ok(enter(a, roomId));
    await refused('ROOM_FULL', enter(b, roomId));
    await refused('ROOM_CLOSED', enter(b, closed));
    await refused('ROOM_NOT_FOUND', enter(b, 'no-such-room'));
    await refused('CUSTOMER_NOT_FOUND', enter(999_999_999, roomId));
    await refused('CONCERT_NOT_FOUND', {
      method: 'post',
      path: '/customer/waiting/enter',
      body: { customerId: b, concertId: 999_999 },
    });
    await ok({
      method: 'patch',
      path: `/admin/customers/${b}`,
      headers: admin,
      body: { active: false },
    });
    await refused('CUSTOMER_INACTIVE', enter(b, roomId));
  });
}

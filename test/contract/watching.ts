import { admin } from '../support/stack.ts';
import type { Contract } from './harness.ts';

/** What operators look at, and their session. */
export function watchingContract(contract: Contract): void {
  const { ok, refused, reserve, sale } = contract;

  it('lets admins watch: customers, tickets, outbox, audit, invariants', async () => {
    const { caller, concertId, optionId } = await sale();
    const { body: held } = await ok(reserve(caller, concertId, [{ optionId, seatId: 1 }]));
    await contract.stack.services.waitingRoom.history.flush();
    const customer = await ok({
      method: 'get',
      path: `/admin/customers/${caller.customerId}`,
      headers: admin,
    });
    expect(customer.body).toMatchObject({
      heldAmount: 1_000,
      reservations: [{ reservationId: held.reservationId }],
      places: [{ status: 'ACTIVE' }],
    });
    const ticketId = held.tickets[0].ticketId;
    const ticket = await ok({ method: 'get', path: `/admin/tickets/${ticketId}`, headers: admin });
    expect(ticket.body).toMatchObject({ status: 'HELD', live: false });
    const outbox = await ok({ method: 'get', path: '/admin/outbox', headers: admin });
    const [event] = outbox.body.items;
    await ok({ method: 'post', path: `/admin/outbox/${event.outboxId}/retry`, headers: admin });
    const audit = await ok({ method: 'get', path: '/admin/audit', headers: admin });
    expect(audit.body.items[0]).toMatchObject({ actor: 'admin', action: 'outbox.retry' });
    const last = await ok({ method: 'get', path: '/admin/invariants/last', headers: admin });
    // Nothing was checked in the background yet: that is not fine.
    expect(last.body).toEqual({ ok: false, checks: [] });
    const checks = await ok({ method: 'get', path: '/admin/invariants', headers: admin });
    expect(
      checks.body.checks.filter((check: { violations: number }) => check.violations > 0),
    ).toEqual([]);
    await refused('FORBIDDEN', {
      method: 'post',
      path: '/admin/demo/crowd',
      headers: admin,
      body: { count: 5 },
    });
    contract.walked.add('demoCrowd');
    await refused('UNAUTHENTICATED', { method: 'get', path: '/admin/rooms' });
    await refused('UNAUTHENTICATED', {
      method: 'get',
      path: '/admin/rooms',
      headers: { Authorization: 'Bearer wrong' },
    });
  });

  it('opens a control room session that needs its CSRF token for changes', async () => {
    const login = await ok({ method: 'post', path: '/admin/login', headers: admin });
    const cookie = String(login.headers['set-cookie']);
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    const headers = { Cookie: cookie.split(';')[0] ?? '' };
    await ok({ method: 'get', path: '/admin/rooms', headers });
    // A page that was loaded again finds the same session and the same token.
    const again = await ok({ method: 'get', path: '/admin/session', headers });
    expect(again.body).toEqual({ session: login.body, demoCrowd: false });
    const nobody = await ok({ method: 'get', path: '/admin/session' });
    expect(nobody.body).toEqual({ session: null, demoCrowd: false });
    await refused('FORBIDDEN', { method: 'post', path: '/admin/logout', headers });
    const csrf = { ...headers, 'X-CSRF-Token': login.body.csrfToken };
    await ok({ method: 'post', path: '/admin/logout', headers: csrf });
    const forged = { Cookie: `${headers.Cookie}x` };
    await refused('UNAUTHENTICATED', { method: 'get', path: '/admin/rooms', headers: forged });
  });
}

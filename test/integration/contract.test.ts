import { randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { createApp } from '../../src/http/app.ts';
import { errorsOf } from '../../src/http/openapi.ts';
import type { Route } from '../../src/http/route.ts';
import { ERRORS, type ErrorCode } from '../../src/platform/errors.ts';
import { eventually } from '../support/eventually.ts';
import { admin, type Caller, QUEUE_SECRET, type Stack, startStack } from '../support/stack.ts';

interface Call {
  method: 'get' | 'post' | 'patch' | 'delete';
  path: string;
  headers?: Record<string, string>;
  body?: object | string;
}

/** The whole contract over the wire; what was never seen at the end fails the last tests. */
describe('the wire contract', () => {
  let stack: Stack;
  let routes: readonly Route[];
  const seen = new Set<string>();
  const codesSeen = new Set<string>();

  beforeAll(async () => {
    stack = await startStack({ env: { HOLD_SECONDS: '30' } });
    routes = createApp(stack.services, () => false).routes;
  });
  afterAll(() => stack.close());

  function routeOf({ method, path }: Call): Route {
    const found = routes.find(
      (route) =>
        route.method === method &&
        new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path.split('?')[0] ?? ''),
    );
    if (!found) throw new Error(`no route for ${method} ${path}`);
    return found;
  }

  async function send(call: Call) {
    const request = stack.api[call.method](call.path).set(call.headers ?? {});
    if (typeof call.body === 'string') request.type('application/json');
    const reply = await (call.body === undefined ? request : request.send(call.body));
    expect(reply.headers['x-request-id']).toMatch(/^[\w.-]+$/);
    return reply;
  }

  /** Expects the documented success, in the documented shape. */
  async function ok(call: Call) {
    const route = routeOf(call);
    const reply = await send(call);
    expect([call.path, reply.status, reply.body.code]).toEqual([
      call.path,
      route.status,
      undefined,
    ]);
    if (route.reply) expect(route.reply.safeParse(reply.body).error).toBeUndefined();
    seen.add(route.operationId);
    return reply;
  }

  /** Expects a documented refusal: the one problem body, in both languages. */
  async function refused(code: ErrorCode, call: Call) {
    const route = routeOf(call);
    expect([route.operationId, errorsOf(route)]).toEqual([
      route.operationId,
      expect.arrayContaining([code]),
    ]);
    const reply = await send({ ...call, headers: { 'Accept-Language': 'ko', ...call.headers } });
    const body = typeof reply.body.code === 'string' ? reply.body : JSON.parse(reply.text);
    expect([call.path, reply.status, body.code]).toEqual([call.path, ERRORS[code].status, code]);
    expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(body).toMatchObject({
      type: `urn:foyer:problem:${code}`,
      status: reply.status,
      title: ERRORS[code].en,
      instance: call.path.split('?')[0],
      requestId: reply.headers['x-request-id'],
    });
    expect(body.message).toMatch(/\p{Script=Hangul}/u);
    expect(reply.text).not.toMatch(/\bat .*\.(ts|js):\d+/);
    codesSeen.add(code);
    return { ...reply, body };
  }

  const enter = (customerId: number, roomId: string): Call => ({
    method: 'post',
    path: '/customer/waiting/enter',
    body: { customerId, roomId },
  });
  const reserve = (caller: Caller, concertId: number, seats: object[]): Call => ({
    method: 'post',
    path: '/reservation/reserve',
    headers: caller.headers,
    body: {
      reserver: { customerId: caller.customerId, reserverName: '김철수' },
      concertId,
      performances: seats,
    },
  });
  const pay = (caller: Caller, amount: number, more: object = {}): Call => ({
    method: 'post',
    path: '/reservation/pay',
    headers: caller.headers,
    body: {
      customerId: caller.customerId,
      pay: [{ payMethod: 'POINT', payAmount: amount }],
      ...more,
    },
  });

  async function sale(options: { seats?: number; price?: number; points?: number } = {}) {
    const roomId = await stack.room({ capacity: 100 });
    const { concertId, optionIds } = await stack.concert({ roomId, ...options });
    const [customerId] = await stack.customers(1, options.points ?? 1_000_000);
    if (!customerId) throw new Error('a customer');
    const caller = await stack.activate(roomId, customerId);
    return { roomId, concertId, optionId: optionIds[0], caller, customerId };
  }

  it("serves the seed's waiting calls verbatim, with additions", async () => {
    const roomId = await stack.room({ capacity: 1 });
    const [a, b] = await stack.customers(2);
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
    const roomId = await stack.room({ title: 'Tonight', message: 'Soon', colour: '#ffcc00' });
    const { concertId } = await stack.concert({ roomId });
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
    const reply = await stack.api.get('/customer/waiting/stream').set(caller.headers).expect(200);
    expect(reply.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(reply.headers['cache-control']).toContain('no-transform');
    const data = /^data: (.*)$/m.exec(reply.text)?.[1] ?? '';
    expect(JSON.parse(data)).toMatchObject({ status: 'ACTIVE', customerId: caller.customerId });
    seen.add('streamWaiting');
  });

  it('refuses to enter where it must', async () => {
    const roomId = await stack.room({ capacity: 0, waitingMax: 1 });
    const closed = await stack.room({ state: 'CLOSED' });
    const [a, b] = await stack.customers(2);
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

  it('knows customers without a place, and their points', async () => {
    const [customerId] = await stack.customers(1, 1_000);
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
    const client = await stack.services.db.pool.connect();
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

  it("serves the seed's concert calls", async () => {
    const { concertId, optionId } = await sale({ seats: 3, price: 700 });
    const path = `/concerts/${concertId}`;
    await ok({ method: 'get', path: '/concerts' });
    await ok({ method: 'get', path });
    const { body } = await ok({ method: 'get', path: `${path}/options` });
    expect(body).toEqual({
      concertId,
      performances: [
        {
          optionId,
          optionName: 'Night 1',
          performAt: expect.stringMatching(/Z$/),
          price: 700,
          capacityLimit: 3,
          availableSeats: 3,
        },
      ],
    });
    const free = await ok({ method: 'get', path: `${path}/options/${optionId}` });
    expect(free.body).toEqual({ concertId, optionId, seats: [1, 2, 3], totalSeats: 3 });
    const seatsPath = `${path}/options/${optionId}/seats`;
    const map = await ok({ method: 'get', path: seatsPath });
    expect(map.body.seats[0]).toEqual({ seatId: 1, status: 'AVAILABLE' });
    const etag = String(map.headers['etag']);
    const same = await send({
      method: 'get',
      path: seatsPath,
      headers: { 'If-None-Match': etag },
    });
    expect(same.status).toBe(304);
    await refused('CONCERT_NOT_FOUND', { method: 'get', path: '/concerts/999999' });
    await refused('OPTION_NOT_FOUND', { method: 'get', path: `${path}/options/999999` });
  });

  it("serves the seed's reservation calls", async () => {
    const { concertId, optionId, caller, roomId } = await sale({ price: 1_000 });
    const seats = [
      { optionId, seatId: 1 },
      { optionId, seatId: 2 },
    ];
    const { body: held } = await ok(reserve(caller, concertId, seats));
    expect(held.tickets[0]).toEqual({
      ticketId: expect.any(Number),
      reserverName: '김철수',
      concertId,
      concertName: 'A concert',
      optionId,
      optionName: 'Night 1',
      performAt: expect.any(String),
      optionPrice: 1_000,
      status: 'HELD',
      seatId: 1,
      reservedAt: expect.any(String),
    });
    expect(held).toMatchObject({ total: 2_000, remainingTime: expect.any(Number) });
    const exists = await refused(
      'HOLD_EXISTS',
      reserve(caller, concertId, [{ optionId, seatId: 3 }]),
    );
    expect(exists.body.reservationId).toBe(held.reservationId);
    await refused('PAY_AMOUNT_MISMATCH', pay(caller, 1_000));
    await refused('UNSUPPORTED_PAY_METHOD', {
      ...pay(caller, 2_000),
      body: { customerId: caller.customerId, pay: [{ payMethod: 'CARD', payAmount: 2_000 }] },
    });
    const mine = await ok({
      method: 'get',
      path: '/reservation?status=HELD',
      headers: caller.headers,
    });
    expect(mine.body.items).toHaveLength(1);
    const one = `/reservation/${held.reservationId}`;
    await ok({ method: 'get', path: one, headers: caller.headers });
    const { body: paid } = await ok(pay(caller, 2_000));
    expect(Object.keys(paid).sort()).toEqual(
      ['customerId', 'tickets', 'pay', 'paymentId', 'reservationId', 'balance'].sort(),
    );
    expect(paid.pay).toEqual([{ payMethod: 'POINT', payAmount: 2_000 }]);
    await refused('ALREADY_PAID', pay(caller, 2_000));
    await refused('RESERVATION_STATE_CONFLICT', {
      method: 'delete',
      path: one,
      headers: caller.headers,
    });
    await refused('QUEUE_NOT_ACTIVE', reserve(caller, concertId, [{ optionId, seatId: 3 }]));
    const again = await stack.activate(roomId, caller.customerId);
    await refused(
      'SEAT_LIMIT_EXCEEDED',
      reserve(
        again,
        concertId,
        [3, 4, 5].map((seatId) => ({ optionId, seatId })),
      ),
    );
    await refused('SEAT_NOT_FOUND', reserve(again, concertId, [{ optionId, seatId: 51 }]));
    await refused(
      'OPTION_NOT_FOUND',
      reserve(again, concertId, [{ optionId: 999_999, seatId: 1 }]),
    );
    const taken = await refused('ALREADY_TAKEN', reserve(again, concertId, seats));
    expect(taken.body).toMatchObject({ message: '이미 선점된 좌석입니다.', seats });
    const cancelled = await ok(reserve(again, concertId, [{ optionId, seatId: 9 }]));
    await ok({
      method: 'delete',
      path: `/reservation/${cancelled.body.reservationId}`,
      headers: again.headers,
    });
    const refunded = await ok({
      method: 'post',
      path: `${one}/refund`,
      headers: again.headers,
      body: {},
    });
    expect(refunded.body).toMatchObject({ status: 'REFUNDED', refunded: 2_000 });
    await refused('RESERVATION_NOT_FOUND', {
      method: 'get',
      path: '/reservation/999999',
      headers: again.headers,
    });
  });

  it('says when there is no money, no sale, no performance or no time', async () => {
    const poor = await sale({ price: 1_000, points: 10 });
    const budget = await refused(
      'OUT_OF_BUDGET',
      reserve(poor.caller, poor.concertId, [{ optionId: poor.optionId, seatId: 1 }]),
    );
    expect(budget.body.message).toBe('포인트 잔액이 부족합니다.');

    const late = await sale();
    const seat = [{ optionId: late.optionId, seatId: 1 }];
    const { body: held } = await ok(reserve(late.caller, late.concertId, seat));
    await stack.services.db.query({
      text: `UPDATE reservations SET expires_at = clock_timestamp() WHERE id = $1`,
      values: [held.reservationId],
    });
    await refused('HOLD_EXPIRED', pay(late.caller, 1_000));
    const option = `/admin/concerts/${late.concertId}/options/${late.optionId}`;
    await ok({
      method: 'patch',
      path: option,
      headers: admin,
      body: { performAt: '2020-01-01T00:00:00Z' },
    });
    await refused('PERFORMANCE_PASSED', reserve(late.caller, late.concertId, seat));
    await ok({
      method: 'patch',
      path: `/admin/concerts/${late.concertId}`,
      headers: admin,
      body: { saleBeginAt: '2020-01-01T00:00:00Z', saleEndAt: '2020-01-02T00:00:00Z' },
    });
    await refused('CONCERT_NOT_ON_SALE', reserve(late.caller, late.concertId, seat));
  });

  it('serves the rooms to admins', async () => {
    const roomId = `contract-${Date.now()}`;
    const path = `/admin/rooms/${roomId}`;
    const create: Call = {
      method: 'post',
      path: '/admin/rooms',
      headers: admin,
      body: { roomId, name: 'A room', capacity: 0 },
    };
    expect((await ok(create)).body).toMatchObject({
      roomId,
      version: 1,
      capacity: 0,
      state: 'OPEN',
      admitPerMinute: null,
      graceSeconds: 240,
    });
    await refused('ALREADY_EXISTS', create);
    await ok({ method: 'get', path: '/admin/rooms', headers: admin });
    await ok({ method: 'get', path, headers: admin });
    await ok({
      method: 'patch',
      path,
      headers: { ...admin, 'If-Match': '"1"' },
      body: { capacity: 1, title: '<b>ok</b>', colour: '#00aa00' },
    });
    const conflict = await refused('VERSION_CONFLICT', {
      method: 'patch',
      path,
      headers: admin,
      body: { version: 1, capacity: 2 },
    });
    expect(conflict.body.version).toBe(2);
    await ok({ method: 'get', path: `${path}/stats`, headers: admin });
    const [a, b] = await stack.customers(2);
    if (!a || !b) throw new Error('two customers');
    await stack.activate(roomId, a);
    await ok(enter(b, roomId));
    const admitted = await ok({
      method: 'post',
      path: `${path}/admit`,
      headers: admin,
      body: { count: 1 },
    });
    expect(admitted.body).toEqual({ admitted: 0 });
    const place = await ok({ method: 'get', path: `${path}/places/${b}`, headers: admin });
    expect(place.body).toMatchObject({ status: 'WAITING', waitingNumber: 1 });
    await ok({ method: 'delete', path: `${path}/places/${b}`, headers: admin });
    await refused('NOT_FOUND', { method: 'delete', path: `${path}/places/${b}`, headers: admin });
    const stream = await fetch(`${stack.url}${path}/stream`, { headers: admin });
    const reader = stream.body?.getReader();
    let text = '';
    while (!text.includes('data: '))
      text += new TextDecoder().decode((await reader?.read())?.value);
    await reader?.cancel();
    expect(text).toContain('"waiting":0');
    seen.add('streamRoomStats');
  });

  it('serves the catalog to admins', async () => {
    const roomId = await stack.room();
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

  it('lets admins watch: customers, tickets, outbox, audit, invariants', async () => {
    const { caller, concertId, optionId } = await sale();
    const { body: held } = await ok(reserve(caller, concertId, [{ optionId, seatId: 1 }]));
    await stack.services.waitingRoom.history.flush();
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
    seen.add('demoCrowd');
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
    await refused('FORBIDDEN', { method: 'post', path: '/admin/logout', headers });
    const csrf = { ...headers, 'X-CSRF-Token': login.body.csrfToken };
    await ok({ method: 'post', path: '/admin/logout', headers: csrf });
    const forged = { Cookie: `${headers.Cookie}x` };
    await refused('UNAUTHENTICATED', { method: 'get', path: '/admin/rooms', headers: forged });
  });

  it('describes itself and says how it is', async () => {
    for (const path of ['/', '/docs', '/assets/start.css', '/assets/docs.js', '/metrics']) {
      await ok({ method: 'get', path });
    }
    await stack.api.get('/assets/swagger-ui/swagger-ui.css').expect(200);
    await ok({ method: 'get', path: '/health/live' });
    await ok({ method: 'get', path: '/health/ready' });
    const { body } = await ok({ method: 'get', path: '/openapi.json' });
    const described = Object.values(body.paths).flatMap((item) =>
      Object.values(Object(item)).map((operation) => Object(operation).operationId),
    );
    expect(described.sort()).toEqual(routes.map((route) => route.operationId).sort());
  });

  it('answers what no operation is for', async () => {
    const wrong = await stack.api.delete('/concerts').expect(405);
    expect(wrong.headers['allow']).toBe('GET, HEAD');
    codesSeen.add(JSON.parse(wrong.text).code);
    const nothing = await stack.api.get('/nothing/here').expect(404);
    codesSeen.add(JSON.parse(nothing.text).code);
    const form = await stack.api.post('/customer/identify').type('form').send('customerId=1');
    expect(form.status).toBe(415);
    codesSeen.add(JSON.parse(form.text).code);
    await refused('PAYLOAD_TOO_LARGE', {
      method: 'post',
      path: '/customer/identify',
      body: { customerId: 1, padding: 'x'.repeat(20_000) },
    });
    await refused('TOKEN_EXPIRED', {
      method: 'get',
      path: '/customer/waiting',
      headers: { Authorization: `Bearer ${await expiredToken()}` },
    });
    const [customerId] = await stack.customers(1);
    const { body } = await ok({ method: 'post', path: '/customer/identify', body: { customerId } });
    const headers = { Authorization: `Bearer ${body.token}` };
    const many = await Promise.all(
      Array.from({ length: 700 }, () => stack.api.get('/customer/point/history').set(headers)),
    );
    const limited = many.find((reply) => reply.status === 429);
    expect(Number(limited?.headers['retry-after'])).toBeGreaterThan(0);
    codesSeen.add(JSON.parse(limited?.text ?? '{}').code);
  });

  it('answers UNAVAILABLE while Redis is away', async () => {
    const { caller } = await sale();
    await stack.redis.stop();
    await refused('UNAVAILABLE', {
      method: 'get',
      path: '/customer/waiting',
      headers: caller.headers,
    });
    await stack.redis.start();
    await eventually(() => stack.api.get('/health/ready').expect(200));
  });

  async function expiredToken(): Promise<string> {
    return jwt.sign({ use: 'queue', room: 'main', seq: 1 }, QUEUE_SECRET, {
      keyid: 'test',
      subject: '1',
      expiresIn: -10,
    });
  }

  it('has walked every operation', () => {
    expect(routes.map((route) => route.operationId).filter((id) => !seen.has(id))).toEqual([]);
  });

  it('has met every code but INTERNAL, which nobody can ask for', () => {
    expect(Object.keys(ERRORS).filter((code) => !codesSeen.has(code))).toEqual(['INTERNAL']);
  });
});

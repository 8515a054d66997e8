import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { type Caller, QUEUE_SECRET, type Stack, startStack } from '../support/stack.ts';

/** Whatever comes: the documented 4xx, the one problem body, no stack, no 5xx, nothing changed. */
describe('wrong input', () => {
  let stack: Stack;
  let caller: Caller;
  let other: Caller;
  let roomId: string;
  let concertId: number;
  let optionId: number;

  beforeAll(async () => {
    stack = await startStack();
    roomId = await stack.room({ capacity: 100 });
    const sale = await stack.concert({ roomId });
    concertId = sale.concertId;
    optionId = sale.optionIds[0];
    const [a, b] = await stack.customers(2);
    if (!a || !b) throw new Error('two customers');
    caller = await stack.activate(roomId, a);
    other = await stack.activate(roomId, b);
  });
  afterAll(() => stack.close());

  async function expectRefused(
    reply: { status: number; text: string; headers: Record<string, string> },
    status: number,
    code: string,
  ): Promise<void> {
    const body = JSON.parse(reply.text);
    expect([reply.status, body.code]).toEqual([status, code]);
    expect(reply.headers['content-type']).toContain('application/problem+json');
    expect(reply.text).not.toMatch(/node_modules|\.ts:\d+|\.js:\d+|SELECT|redis/i);
  }

  const nasty: [string, unknown][] = [
    ['missing', undefined],
    ['null', null],
    ['a string', '1'],
    ['a float', 1.5],
    ['negative', -1],
    ['zero', 0],
    ['huge', 1e300],
    ['beyond safe integers', 2 ** 53],
    ['an array', [1]],
    ['an object', { $gt: 0 }],
    ['true', true],
    ['unicode', '１２'],
    ['an injection', '1; DROP TABLE customers; --'],
  ];
  it.each(nasty)('refuses a customerId that is %s, in every body', async (_, customerId) => {
    const paths = [
      '/customer/waiting/enter',
      '/customer/waiting/check',
      '/customer/identify',
      '/customer/point/balance',
      '/customer/point/charge',
      '/reservation/pay',
    ];
    for (const path of paths) {
      const reply = await stack.api
        .post(path)
        .set(caller.headers)
        .send({ customerId, amount: 100, pay: [{ payMethod: 'POINT', payAmount: 1 }] });
      await expectRefused(reply, 400, 'ILLEGAL_ARGUMENTS');
      expect(JSON.parse(reply.text).errors[0].path).toBe('customerId');
    }
  });

  const amounts: unknown[] = [9, 0, -500, 10.5, 100_000_001, Number.MAX_VALUE, '500', null, [500]];
  it.each(amounts)('refuses to charge %p', async (amount) => {
    const reply = await stack.api
      .post('/customer/point/charge')
      .set(caller.headers)
      .send({ customerId: caller.customerId, amount });
    await expectRefused(reply, 400, 'ILLEGAL_ARGUMENTS');
  });

  const seat = (seatId: unknown, option: unknown = optionId) => ({ optionId: option, seatId });
  const reserve = (performances: unknown, more: object = {}, who: Caller = caller) =>
    stack.api
      .post('/reservation/reserve')
      .set(who.headers)
      .send({
        reserver: { customerId: who.customerId, reserverName: 'Kim' },
        concertId,
        performances,
        ...more,
      });

  it('refuses reservations that make no sense', async () => {
    const wrong = [[], 'all', null, [seat(0)], [seat(-1)], [seat(1.5)], [seat('1')], [{}], [null]];
    for (const performances of wrong) {
      await expectRefused(await reserve(performances), 400, 'ILLEGAL_ARGUMENTS');
    }
    const five = [1, 2, 3, 4, 5].map((seatId) => seat(seatId));
    await expectRefused(await reserve(five), 400, 'ILLEGAL_ARGUMENTS');
    await expectRefused(await reserve([seat(1), seat(1)]), 400, 'ILLEGAL_ARGUMENTS');
    for (const reserverName of ['', '   ', 'x'.repeat(101), 'a\u0000b', '\ud800', 5, null]) {
      const reserver = { customerId: caller.customerId, reserverName };
      await expectRefused(await reserve([seat(1)], { reserver }), 400, 'ILLEGAL_ARGUMENTS');
    }
    const free = await stack.api.get(`/concerts/${concertId}/options/${optionId}`).expect(200);
    expect(free.body.seats).toHaveLength(50);
  });

  it('takes names of every script as they are', async () => {
    const [id] = await stack.customers(1);
    if (!id) throw new Error('a customer');
    const buyer = await stack.activate(roomId, id);
    const reserverName = "Робин'); DROP TABLE--😀<script>مرحبا";
    const reserver = { customerId: id, reserverName };
    const { body } = await reserve([seat(50)], { reserver }, buyer).expect(200);
    expect(body.tickets[0].reserverName).toBe(reserverName);
  });

  it('refuses broken and oversized bodies', async () => {
    const post = (text: string, type = 'application/json') =>
      stack.api.post('/customer/waiting/enter').type(type).send(text);
    for (const text of ['{', '{"customerId":', 'null', '[]', '"x"', '\u0000', '{"a":1}}']) {
      await expectRefused(await post(text), 400, 'ILLEGAL_ARGUMENTS');
    }
    await expectRefused(await post('a=1', 'text/plain'), 415, 'UNSUPPORTED_MEDIA_TYPE');
    const huge = JSON.stringify({ customerId: 1, padding: 'x'.repeat(10_000_000) });
    await expectRefused(await post(huge), 413, 'PAYLOAD_TOO_LARGE');
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    await expectRefused(await post(`{"customerId":${deep}}`), 400, 'ILLEGAL_ARGUMENTS');
  });

  it('is not polluted by keys of the prototype', async () => {
    const text = `{"customerId":${caller.customerId},"roomId":"${roomId}","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}`;
    await stack.api.post('/customer/waiting/enter').type('json').send(text).expect(200);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('refuses paths and queries that make no sense', async () => {
    const ids = ['0', '-1', '1.5', 'abc', '1e3', '%00', '99999999999999999999', "1'--"];
    for (const id of ids) {
      const reply = await stack.api.get(`/concerts/${id}/options`);
      await expectRefused(reply, 400, 'ILLEGAL_ARGUMENTS');
    }
    for (const query of ['cursor=x', 'cursor=-1', 'cursor[]=1', 'cursor=1&cursor=2']) {
      const reply = await stack.api.get(`/concerts?${query}`);
      if (query === 'cursor[]=1') expect(reply.status).toBe(200);
      else await expectRefused(reply, 400, 'ILLEGAL_ARGUMENTS');
    }
    await expectRefused(await stack.api.get('/concerts/%E0%A4%A'), 400, 'ILLEGAL_ARGUMENTS');
  });

  describe('tokens', () => {
    const claims = () => ({
      use: 'queue',
      room: roomId,
      seq: Number(
        /"seq":(\d+)/.exec(
          Buffer.from(caller.token.split('.')[1] ?? '', 'base64url').toString(),
        )?.[1],
      ),
    });
    const signed = (
      payload: object,
      options: jwt.SignOptions = {},
      key: jwt.Secret = createSecretKey(QUEUE_SECRET, 'utf8'),
    ) =>
      jwt.sign(payload, key, {
        keyid: 'test',
        subject: String(caller.customerId),
        expiresIn: 60,
        ...options,
      });
    const poll = (token: string) =>
      stack.api.get('/customer/waiting').set('Authorization', `Bearer ${token}`);

    it('are believed when they are ours', async () => {
      await poll(signed(claims())).expect(200);
    });

    it('are refused when forged, foreign, expired or of another algorithm', async () => {
      const [head = '', body = '', signature = ''] = caller.token.split('.');
      const header = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const otherKey = 'another-secret-that-is-long-enough-to-be-one';
      const invalid = [
        'x',
        'a.b.c',
        `${head}.${body}.`,
        `${head}.${body}.${signature.slice(0, -2)}AA`,
        `${header({ alg: 'none', typ: 'JWT', kid: 'test' })}.${body}.`,
        `${header({ alg: 'HS256', kid: '../../etc/passwd' })}.${body}.${signature}`,
        signed(claims(), { keyid: 'unknown' }),
        signed(claims(), {}, otherKey),
        signed(claims(), { algorithm: 'HS512' }),
        signed(claims(), { algorithm: 'ES256' }, privateKey),
        // The public key taken for a shared secret.
        signed(claims(), {}, createSecretKey(publicKey.export({ format: 'der', type: 'spki' }))),
        signed({ ...claims(), use: 'identity' }),
        signed({ ...claims(), seq: 'x' }),
        signed(claims(), { subject: '1 OR 1=1' }),
        'x'.repeat(8_000),
      ];
      for (const token of invalid) await expectRefused(await poll(token), 401, 'TOKEN_INVALID');
      const expired = signed(claims(), { expiresIn: -1 });
      await expectRefused(await poll(expired), 401, 'TOKEN_EXPIRED');
      await expectRefused(await stack.api.get('/customer/waiting'), 401, 'UNAUTHENTICATED');
      const basic = await stack.api.get('/customer/waiting').set('Authorization', 'Basic eDp5');
      await expectRefused(basic, 401, 'UNAUTHENTICATED');
    });

    it('speak for their own customer, room and reservation alone', async () => {
      const mine = await reserve([seat(20)]).expect(200);
      const path = `/reservation/${mine.body.reservationId}`;
      const asOther = { Authorization: other.headers.Authorization };
      const get = await stack.api.get(path).set(asOther);
      await expectRefused(get, 404, 'RESERVATION_NOT_FOUND');
      const cancel = await stack.api.delete(path).set(asOther);
      await expectRefused(cancel, 404, 'RESERVATION_NOT_FOUND');
      const refund = await stack.api.post(`${path}/refund`).set(asOther).send({});
      await expectRefused(refund, 404, 'RESERVATION_NOT_FOUND');
      const pay = await stack.api
        .post('/reservation/pay')
        .set(asOther)
        .send({
          customerId: other.customerId,
          reservationId: mine.body.reservationId,
          pay: [{ payMethod: 'POINT', payAmount: 1_000 }],
        });
      await expectRefused(pay, 404, 'RESERVATION_NOT_FOUND');
      const named = await stack.api
        .post('/customer/point/balance')
        .set(asOther)
        .send({ customerId: caller.customerId });
      await expectRefused(named, 403, 'CUSTOMER_MISMATCH');
      const elsewhere = signed({ ...claims(), room: 'another-room' });
      await expectRefused(await poll(elsewhere), 404, 'ROOM_NOT_FOUND');
    });
  });

  it('throttles wrong admin keys of an address, while the right one always works', async () => {
    const wrong = () => stack.api.get('/admin/rooms').set('Authorization', 'Bearer guess');
    const statuses = [];
    for (let tries = 0; tries < 30; tries += 1) statuses.push((await wrong()).status);
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(statuses.at(-1)).toBe(429);
    const { ADMIN_KEY } = await import('../support/stack.ts');
    await stack.api.get('/admin/rooms').set('Authorization', `Bearer ${ADMIN_KEY}`).expect(200);
  });
});

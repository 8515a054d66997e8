import { eventually } from '../support/eventually.ts';
import { ADMIN_KEY, admin, QUEUE_SECRET, type Stack, startStack } from '../support/stack.ts';

/** All that the process writes over a run of everything, outages included. */
describe('the log', () => {
  const lines: string[] = [];
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({
      env: { LOG_LEVEL: 'trace' },
      workers: 1,
      log: (line) => lines.push(line),
    });
  });
  afterAll(() => stack.close());

  it('cannot be written into by a caller: a line is a line, and nothing of it is theirs', async () => {
    // The first requests to this process.
    expect(lines.join('')).not.toContain('"request"');
    const forged = '{"level":60,"msg":"forged"}';
    await stack.api.get(`/nothing/${encodeURIComponent(`\n${forged}`)}`).expect(404);
    await stack.api.get('/concerts').set('X-Request-Id', forged).expect(200);
    await stack.api.get('/concerts').set('X-Request-Id', 'mine-to-choose').expect(200);
    await stack.api.get('/concerts').set('User-Agent', `x ${forged}`).expect(200);
    await stack.api
      .post('/customer/waiting/enter')
      .send({ customerId: 1, roomId: `x\n${forged}` })
      .expect(400);
    const requests = await eventually(() => {
      const all = lines.map((line) => JSON.parse(line)).filter((one) => one.msg === 'request');
      expect(all).toHaveLength(5);
      return all;
    });
    expect(requests.filter((one) => one.requestId === 'mine-to-choose')).toHaveLength(1);
    expect(lines.join('')).not.toContain('forged');
  });

  it('has no secret, token, cookie, body or query in it, and one line for each request', async () => {
    const roomId = await stack.room();
    const { concertId, optionIds } = await stack.concert({ roomId });
    const [customerId = 0] = await stack.customers(1);
    const caller = await stack.activate(roomId, customerId);
    const identity = await stack.api.post('/customer/identify').send({ customerId }).expect(200);
    const login = await stack.api.post('/admin/login').set(admin).expect(200);
    const cookie = String(login.headers['set-cookie']).split(';')[0] ?? '';
    const reserverName = 'Confidential Name';
    const body = {
      reserver: { customerId, reserverName },
      concertId,
      performances: [{ optionId: optionIds[0], seatId: 1 }],
    };
    const key = 'idempotency-key-of-a-customer';
    const reserve = () =>
      stack.api
        .post('/reservation/reserve')
        .set({ ...caller.headers, 'Idempotency-Key': key })
        .send(body);
    await reserve().expect(200);
    await stack.api.get('/admin/rooms').set('Cookie', cookie).expect(200);
    await stack.api.get('/concerts?cursor=secret-in-query').expect(400);
    await stack.api.get('/admin/rooms').set('Authorization', 'Bearer guessed-key').expect(401);
    await stack.api
      .get('/customer/waiting')
      .set('Authorization', `Bearer ${caller.token}x`)
      .expect(401);
    // Errors of both servers, and one of our own.
    const { db } = stack.services;
    await db.query({ text: 'ALTER TABLE transfers RENAME TO lost' });
    await stack.api
      .get('/customer/point/history')
      .set('Authorization', `Bearer ${identity.body.token}`)
      .expect(500);
    await db.query({ text: 'ALTER TABLE lost RENAME TO transfers' });
    await stack.redis.stop();
    await stack.api.get('/customer/waiting').set(caller.headers).expect(503);
    await eventually(() => expect(lines.join('')).toMatch(/redis is away/));
    await stack.redis.start();
    await eventually(() => stack.api.get('/health/ready').expect(200));
    const written = lines.join('');
    expect(written).toMatch(/request failed/);
    for (const secret of [
      ADMIN_KEY,
      QUEUE_SECRET,
      caller.token,
      identity.body.token,
      identity.body.token.split('.')[2],
      cookie,
      login.body.csrfToken,
      key,
      'Confidential Name',
      'secret-in-query',
      'guessed-key',
      new URL(stack.databaseUrl).password,
      'redis://',
    ]) {
      expect([secret, written.includes(secret)]).toEqual([secret, false]);
    }
  });
});

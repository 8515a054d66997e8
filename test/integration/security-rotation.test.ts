import { ADMIN_KEY, QUEUE_SECRET, type Stack, startStack } from '../support/stack.ts';

const NEXT_SECRET = 'the-secret-that-comes-after-the-first-one';

/** Keys are changed while people stand in line and operators work. */
describe('a new key', () => {
  let before: Stack;
  let during: Stack;
  let after: Stack;

  beforeAll(async () => {
    before = await startStack();
    const shared = { DATABASE_URL: before.databaseUrl, REDIS_URL: before.redis.url };
    const env = (secrets: string) => ({ ...shared, QUEUE_TOKEN_SECRETS: secrets });
    [during, after] = await Promise.all([
      startStack({
        databaseUrl: before.databaseUrl,
        env: {
          ...env(`next:${NEXT_SECRET},test:${QUEUE_SECRET}`),
          ADMIN_API_KEY: '',
          ADMIN_API_KEYS: `admin:${ADMIN_KEY},second:${'a-second-admin-key-beside-the-first-one'}`,
        },
      }),
      startStack({ databaseUrl: before.databaseUrl, env: env(`next:${NEXT_SECRET}`) }),
    ]);
  });
  afterAll(async () => {
    await during.close();
    await after.close();
    await before.close();
  });

  it('puts nobody out of the line, by token or by cookie, while the old one is still known', async () => {
    const roomId = await before.room({ capacity: 0 });
    const [customerId = 0] = await before.customers(1);
    const entered = await before.api
      .post('/customer/waiting/enter')
      .send({ customerId, roomId })
      .expect(200);
    const cookie = String(entered.headers['set-cookie']).split(';')[0] ?? '';
    const bearer = `Bearer ${entered.body.token}`;
    const poll = (stack: Stack) => stack.api.get('/customer/waiting').set('Authorization', bearer);
    const { body } = await poll(during).expect(200);
    expect(body).toMatchObject({ status: 'WAITING', watingNumber: 1 });
    const byCookie = await during.api.get('/customer/waiting').set('Cookie', cookie).expect(200);
    expect(byCookie.body.watingNumber).toBe(1);
    // What is signed from now on outlives the old key; what the old one signed does not.
    const again = await during.api.post('/customer/waiting/enter').send({ customerId, roomId });
    expect(again.body.watingNumber).toBe(1);
    await after.api
      .get('/customer/waiting')
      .set('Authorization', `Bearer ${again.body.token}`)
      .expect(200);
    expect((await poll(after)).body.code).toBe('TOKEN_INVALID');
    // A process that has not been restarted yet meets the new key later: nobody is told a lie meanwhile.
    const early = await before.api
      .get('/customer/waiting')
      .set('Authorization', `Bearer ${again.body.token}`);
    expect(early.body.code).toBe('TOKEN_INVALID');
  });

  it('leaves operators logged in, to look and to change, and ends with the old one', async () => {
    const login = await before.api
      .post('/admin/login')
      .set('Authorization', `Bearer ${ADMIN_KEY}`)
      .expect(200);
    const headers = {
      Cookie: String(login.headers['set-cookie']).split(';')[0] ?? '',
      'X-CSRF-Token': login.body.csrfToken,
    };
    const change = (stack: Stack) =>
      stack.api.post('/admin/customers').set(headers).send({ name: 'Somebody' });
    await during.api.get('/admin/rooms').set(headers).expect(200);
    await change(during).expect(201);
    await change(before).expect(201);
    await change(after).expect(401);
    const foreign = { ...headers, 'X-CSRF-Token': 'x' };
    for (const token of ['x', '', 'é'.repeat(50), `${login.body.csrfToken}x`]) {
      const forged = { ...foreign, 'X-CSRF-Token': encodeURIComponent(token) };
      const refused = await during.api.post('/admin/customers').set(forged).send({ name: 'X' });
      expect([refused.status, refused.body.code]).toEqual([403, 'FORBIDDEN']);
    }
  });

  it('of an operator ends the sessions that it has opened, and no other', async () => {
    const second = { Authorization: 'Bearer a-second-admin-key-beside-the-first-one' };
    const login = await during.api.post('/admin/login').set(second).expect(200);
    const Cookie = String(login.headers['set-cookie']).split(';')[0] ?? '';
    await during.api.get('/admin/rooms').set('Cookie', Cookie).expect(200);
    // Where that operator has no key, the cookie is worth nothing.
    await before.api.get('/admin/rooms').set('Cookie', Cookie).expect(401);
    for (const key of ['', 'x', ADMIN_KEY.slice(0, -1), `${ADMIN_KEY}x`, ADMIN_KEY.toUpperCase()]) {
      const { status } = await during.api.get('/admin/rooms').set('Authorization', `Bearer ${key}`);
      expect(status).toBe(401);
    }
  });
});

import { admin, type Caller, type Stack, startStack } from '../support/stack.ts';

/** What callers may ask for in a second: by customer, and by address behind one trusted proxy. */
describe('rate limits', () => {
  let stack: Stack;
  let direct: Stack;
  let roomId: string;

  beforeAll(async () => {
    const env = {
      REQUESTS_PER_SECOND_PER_CUSTOMER: '1',
      REQUESTS_PER_SECOND_PER_ADDRESS: '2',
    };
    [stack, direct] = await Promise.all([
      startStack({ env: { ...env, TRUSTED_PROXIES: '1' } }),
      startStack({ env }),
    ]);
    roomId = await stack.room({ capacity: 10 });
  });
  afterAll(async () => {
    await stack.close();
    await direct.close();
  });

  /** How many of so many requests at once are let through. */
  async function through(count: number, ask: (nth: number) => PromiseLike<{ status: number }>) {
    const replies = await Promise.all(Array.from({ length: count }, (_, nth) => ask(nth)));
    return replies.filter((reply) => reply.status !== 429).length;
  }
  const from = (address: string, path = '/concerts') =>
    stack.api.get(path).set('X-Forwarded-For', address);

  it('hold for one address, and leave the others alone', async () => {
    expect(await through(60, () => from('192.0.2.1'))).toBeLessThan(40);
    const refused = await from('192.0.2.1');
    expect([refused.status, refused.body.code]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.headers['content-security-policy']).toContain("default-src 'self'");
    await from('192.0.2.2').expect(200);
  });

  it('are not moved by what a client writes into X-Forwarded-For itself', async () => {
    // The proxy adds what it saw at the end; all before it is the client's own claim.
    const claims = (nth: number) => from(`198.51.100.${nth}, 192.0.2.3`);
    expect(await through(60, claims)).toBeLessThan(40);
    // Without a proxy to believe, the header counts for nothing at all.
    const own = (nth: number) =>
      direct.api.get('/concerts').set('X-Forwarded-For', `198.51.100.${nth}`);
    expect(await through(60, own)).toBeLessThan(40);
  });

  it('count an IPv6 network as one, for its addresses are free', async () => {
    const addresses = (nth: number) => from(`2001:db8:1:2:${nth.toString(16)}::${nth}`);
    expect(await through(60, addresses)).toBeLessThan(40);
    await from('2001:db8:1:3::1').expect(200);
  });

  it('hold on the fast path and where nothing is', async () => {
    const enter = (customerId: number, address: string) =>
      stack.api
        .post('/customer/waiting/enter')
        .set('X-Forwarded-For', address)
        .send({ customerId, roomId });
    expect(await through(60, () => enter(999_999, '192.0.2.4'))).toBeLessThan(40);
    expect(await through(60, () => from('192.0.2.5', '/nothing/here'))).toBeLessThan(40);
    const poll = () => from('192.0.2.6', '/customer/waiting').set('Authorization', 'Bearer x');
    expect(await through(60, poll)).toBeLessThan(40);
  });

  it('hold for one customer from every address, on the fast path and behind it', async () => {
    const [a = 0, b = 0] = await stack.customers(2);
    const activate = async (customerId: number, address: string): Promise<Caller> => {
      const { body } = await stack.api
        .post('/customer/waiting/enter')
        .set('X-Forwarded-For', address)
        .send({ customerId, roomId })
        .expect(200);
      const headers = { Authorization: `Bearer ${body.token}` };
      return { customerId, token: body.token, headers, place: body };
    };
    const busy = await activate(a, '203.0.113.1');
    const other = await activate(b, '203.0.113.1');
    for (const path of ['/customer/waiting', '/reservation']) {
      const poll = (nth: number) => from(`203.0.113.${nth + 10}`, path).set(busy.headers);
      expect(await through(60, poll)).toBeLessThan(40);
    }
    await from('203.0.113.99', '/customer/waiting').set(other.headers).expect(200);
  });

  it('slow down wrong admin keys of one address, while the right one always works', async () => {
    const guess = (path: string, method: 'get' | 'post') =>
      stack.api[method](path)
        .set('X-Forwarded-For', '192.0.2.6')
        .set('Authorization', 'Bearer guess');
    expect(await through(30, () => guess('/admin/rooms', 'get'))).toBeLessThan(15);
    const login = await guess('/admin/login', 'post');
    expect([login.status, login.body.code]).toEqual([429, 'RATE_LIMITED']);
    const right = (path: string, method: 'get' | 'post') =>
      stack.api[method](path).set('X-Forwarded-For', '192.0.2.6').set(admin);
    expect(await through(60, () => right('/admin/rooms', 'get'))).toBe(60);
    await right('/admin/login', 'post').expect(200);
    // A guesser elsewhere is still told that the key is wrong.
    const elsewhere = await stack.api
      .get('/admin/rooms')
      .set('X-Forwarded-For', '192.0.2.7')
      .set('Authorization', 'Bearer guess');
    expect(elsewhere.status).toBe(401);
  });
});

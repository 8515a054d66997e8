import { spawnSync } from 'node:child_process';
import { request } from 'node:http';
import { eventually } from '../support/eventually.ts';
import { type FrontProxy, NGINX, startProxy } from '../support/proxy.ts';
import { type Stack, startStack } from '../support/stack.ts';

/** The configuration of production, run by the real nginx. */
describe('nginx in front of the API', () => {
  let stack: Stack;
  let proxy: FrontProxy;
  beforeAll(async () => {
    stack = await startStack({ env: { TRUSTED_PROXIES: '1' } });
    proxy = await startProxy([Number(new URL(stack.url).port)]);
  });
  afterAll(async () => {
    await proxy?.close();
    await stack?.close();
  });

  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${proxy.url}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  it('finds its configuration without fault', () => {
    const { status, stderr } = spawnSync(NGINX, ['-t', ...proxy.flags], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, expect.stringContaining('test is successful')]);
    expect(stderr).not.toContain('[warn]');
  });

  it('hands requests on over connections that are kept', async () => {
    const roomId = await stack.room();
    const [customerId] = await stack.customers(1);
    const sockets = new Set<unknown>();
    stack.http.server.on('request', (incoming) => sockets.add(incoming.socket));
    const entered = await post('/customer/waiting/enter', { customerId, roomId });
    expect(entered.status).toBe(200);
    const { token } = JSON.parse(await entered.text());
    for (let polls = 0; polls < 20; polls += 1) {
      const poll = await fetch(`${proxy.url}/customer/waiting`, {
        headers: { Authorization: `Bearer ${token}` },
      });
      expect(JSON.parse(await poll.text())).toMatchObject({ customerId, status: 'ACTIVE' });
    }
    // Each of nginx' workers keeps one.
    expect(sockets.size).toBeLessThanOrEqual(4);
  });

  it.each([
    '/metrics',
    '/METRICS',
    '/metrics/',
    '//metrics',
    '/%6Detrics',
    '/x/../metrics',
    '/metrics?x=1',
  ])('keeps %s to itself', async (path) => {
    const answered = new Promise<[number | undefined, string]>((resolve, reject) => {
      // Sent as it stands: fetch would tidy the path up.
      const { hostname, port } = new URL(proxy.url);
      const asked = request({ hostname, port, path }, (incoming) => {
        let text = '';
        incoming.on('data', (chunk) => {
          text += chunk;
        });
        incoming.on('end', () => resolve([incoming.statusCode, text]));
      });
      asked.on('error', reject);
      asked.end();
    });
    const [status, text] = await answered;
    expect(status).toBe(404);
    expect(text).not.toContain('foyer_');
  });

  it('hands a stream on as it comes, and tells the API when its reader leaves', async () => {
    const roomId = await stack.room({ capacity: 1 });
    const [first = 0, second = 0] = await stack.customers(2);
    const holder = await stack.activate(roomId, first);
    const entered = await post('/customer/waiting/enter', { customerId: second, roomId });
    const { token } = JSON.parse(await entered.text());
    const leaving = new AbortController();
    const stream = await fetch(`${proxy.url}/customer/waiting/stream`, {
      headers: { Authorization: `Bearer ${token}` },
      signal: leaving.signal,
    });
    let text = '';
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of stream.body ?? []) text += decoder.decode(chunk, { stream: true });
    })().catch(() => undefined);
    // The first document is here while the stream goes on.
    await eventually(() => expect(text).toContain('"status":"WAITING"'));
    await stack.api.delete('/customer/waiting').set(holder.headers).expect(204);
    await eventually(() => expect(text).toContain('"status":"ACTIVE"'));
    leaving.abort();
    await reading;
    await eventually(async () => {
      const metrics = await fetch(`${stack.url}/metrics`);
      expect(await metrics.text()).toMatch(/^foyer_streams 0$/m);
    });
  });

  it('believes no X-Forwarded-For of the client: wrong keys are counted by the true address', async () => {
    const statuses: number[] = [];
    for (let tries = 0; tries < 12; tries += 1) {
      const reply = await fetch(`${proxy.url}/admin/rooms`, {
        headers: { Authorization: 'Bearer wrong', 'X-Forwarded-For': `10.0.0.${tries}` },
      });
      statuses.push(reply.status);
    }
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401));
    expect(statuses.slice(10)).toEqual([429, 429]);
  });
});

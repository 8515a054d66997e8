import jwt from 'jsonwebtoken';
import { eventually } from '../support/eventually.ts';
import { QUEUE_SECRET } from '../support/stack.ts';
import type { Contract } from './harness.ts';

/** What belongs to no customer. */
export function operationContract(contract: Contract): void {
  const { ok, refused, expectProblem, sale } = contract;

  it('describes itself and says how it is', async () => {
    for (const path of ['/docs', '/assets/docs.js', '/metrics']) {
      await ok({ method: 'get', path });
    }
    await contract.stack.api.get('/assets/swagger-ui/swagger-ui.css').expect(200);
    await ok({ method: 'get', path: '/health/live' });
    await ok({ method: 'get', path: '/health/ready' });
    const { body } = await ok({ method: 'get', path: '/openapi.json' });
    const described = Object.values(body.paths).flatMap((item) =>
      Object.values(Object(item)).map((operation) => Object(operation).operationId),
    );
    expect(described.sort()).toEqual(contract.routes.map((route) => route.operationId).sort());
  });

  it('answers what no operation is for', async () => {
    const wrong = await expectProblem('METHOD_NOT_ALLOWED', {
      method: 'delete',
      path: '/concerts',
    });
    expect(wrong.headers['allow']).toBe('GET, HEAD');
    await expectProblem('NOT_FOUND', { method: 'get', path: '/nothing/here' });
    await refused('UNSUPPORTED_MEDIA_TYPE', {
      method: 'post',
      path: '/customer/identify',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'customerId=1',
    });
    await refused('PAYLOAD_TOO_LARGE', {
      method: 'post',
      path: '/customer/identify',
      body: { customerId: 1, padding: 'x'.repeat(20_000) },
    });
    await refused('TOKEN_EXPIRED', {
      method: 'get',
      path: '/customer/waiting',
      headers: { Authorization: `Bearer ${expiredToken()}` },
    });
  });

  it('slows down who asks too often', async () => {
    const [customerId] = await contract.stack.customers(1);
    const { body } = await ok({ method: 'post', path: '/customer/identify', body: { customerId } });
    const headers = { Authorization: `Bearer ${body.token}` };
    // A busy machine may need more than one go to be faster than the bucket fills.
    await eventually(async () => {
      const many = await Promise.all(
        Array.from({ length: 700 }, () =>
          contract.stack.api.get('/customer/point/history').set(headers),
        ),
      );
      const limited = many.find((reply) => reply.status === 429);
      expect(Number(limited?.headers['retry-after'])).toBeGreaterThan(0);
      expect(JSON.parse(limited?.text ?? '{}').code).toBe('RATE_LIMITED');
    });
    contract.met.add('RATE_LIMITED');
  });

  it('answers UNAVAILABLE while Redis is away', async () => {
    const { caller } = await sale();
    await contract.stack.redis.stop();
    await refused('UNAVAILABLE', {
      method: 'get',
      path: '/customer/waiting',
      headers: caller.headers,
    });
    await contract.stack.redis.start();
    await eventually(() => contract.stack.api.get('/health/ready').expect(200));
  });

  it('answers INTERNAL, without a word of why, where something is broken here', async () => {
    const customerId = await contract.customer();
    const { body } = await ok({ method: 'post', path: '/customer/identify', body: { customerId } });
    const { db } = contract.stack.services;
    await db.query({ text: 'ALTER TABLE transfers RENAME TO lost' });
    const broken = await refused('INTERNAL', {
      method: 'get',
      path: '/customer/point/history',
      headers: { Authorization: `Bearer ${body.token}` },
    });
    await db.query({ text: 'ALTER TABLE lost RENAME TO transfers' });
    expect(broken.text).not.toMatch(/transfers|relation|42P01/);
  });

  function expiredToken(): string {
    return jwt.sign({ use: 'queue', room: 'main', seq: 1 }, QUEUE_SECRET, {
      keyid: 'test',
      subject: '1',
      expiresIn: -10,
    });
  }
}

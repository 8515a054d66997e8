import { once } from 'node:events';
import jwt from 'jsonwebtoken';
import { CONNECTION_LIMITS, createHttpServer } from '../../src/http/server.ts';
import { ERRORS } from '../../src/platform/errors.ts';
import { eventually } from '../support/eventually.ts';
import { openRaw } from '../support/raw-connection.ts';
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

  it('answers alike what is too long, too large or too late to become a request', async () => {
    const long = { method: 'get' as const, path: `/concerts?cursor=${'1'.repeat(3_000)}` };
    await refused('URI_TOO_LONG', long);
    const hasty = createHttpServer(contract.stack.services, {
      ...CONNECTION_LIMITS,
      headersMs: 50,
      checkMs: 10,
    });
    hasty.server.listen(0, '127.0.0.1');
    await once(hasty.server, 'listening');
    const address = hasty.server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    for (const [headers, code] of [
      [`X-Large: ${'x'.repeat(20_000)}\r\n\r\n`, 'HEADERS_TOO_LARGE'],
      ['X-Late', 'REQUEST_TIMEOUT'],
    ] as const) {
      const { socket, answer } = await openRaw(url);
      socket.write(`GET /concerts HTTP/1.1\r\nHost: x\r\n${headers}`);
      const { status, body } = await answer();
      expect([status, JSON.parse(body)]).toEqual([
        ERRORS[code].status,
        expect.objectContaining({ code, status, message: ERRORS[code].ko, title: ERRORS[code].en }),
      ]);
      contract.met.add(code);
    }
    await hasty.close();
  });

  it('slows down who asks too often', async () => {
    const [customerId] = await contract.stack.customers(1);
    const { body } = await ok({ method: 'post', path: '/customer/identify', body: { customerId } });
    const headers = { Authorization: `Bearer ${body.token}` };
    // A busy machine may need more than one go to be faster than the bucket fills.
    await eventually(async () => {
      const many = await Promise.all(
        Array.from({ length: 200 }, () =>
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

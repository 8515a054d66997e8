import { createApp } from '../../src/http/app.ts';
import { errorsOf } from '../../src/http/openapi.ts';
import type { Route } from '../../src/http/route.ts';
import { CONNECTION_LIMITS } from '../../src/http/server.ts';
import { ERRORS, type ErrorCode } from '../../src/platform/errors.ts';
import { type Caller, type Stack, startStack } from '../support/stack.ts';
import { fieldsOf } from './fields.ts';

export interface Call {
  method: 'get' | 'post' | 'patch' | 'delete';
  path: string;
  headers?: Record<string, string>;
  body?: object | string;
}

export type Contract = Awaited<ReturnType<typeof openContract>>;

/** A stack to walk the contract on, which remembers what was met on the way. */
export async function openContract() {
  const stack = await startStack({
    env: { HOLD_SECONDS: '30', REQUESTS_PER_SECOND_PER_CUSTOMER: '5' },
  });
  const { routes } = createApp(stack.services, () => false, CONNECTION_LIMITS.keepAliveMs);
  const walked = new Set<string>();
  const met = new Set<string>();
  const refusals = new Set<string>();
  const fields = new Map<string, Set<string>>();

  function routeOf({ method, path }: Call): Route {
    const found = routes.find(
      (route) =>
        route.method === method &&
        new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path.split('?')[0] ?? ''),
    );
    if (!found) throw new Error(`no route for ${method} ${path}`);
    return found;
  }

  async function send(call: Call, { api }: Pick<Stack, 'api'> = stack) {
    const request = api[call.method](call.path).set(call.headers ?? {});
    if (typeof call.body === 'string' && !call.headers?.['Content-Type']) request.type('json');
    const reply = await (call.body === undefined ? request : request.send(call.body));
    expect(reply.headers['x-request-id']).toMatch(/^[\w.-]+$/);
    return reply;
  }

  /** Expects the documented success, in the documented shape: no field more, no field less. */
  async function ok(call: Call) {
    const route = routeOf(call);
    const reply = await send(call);
    expect([call.path, reply.status, reply.body.code]).toEqual([
      call.path,
      route.status,
      undefined,
    ]);
    if (route.reply) {
      const parsed = route.reply.safeParse(reply.body);
      expect(parsed.error).toBeUndefined();
      expect(parsed.data).toEqual(reply.body);
    } else {
      expect([call.path, reply.text === '' || route.contentType !== undefined]).toEqual([
        call.path,
        true,
      ]);
    }
    walked.add(route.operationId);
    const known = fields.get(route.operationId) ?? new Set();
    fields.set(route.operationId, new Set([...known, ...fieldsOf(reply.body)]));
    return reply;
  }

  /** Expects a refusal that the operation documents: the one problem body, in Korean. */
  const refused = refusedBy(stack);

  /** The same on another stack. */
  function refusedBy(where: Stack) {
    return async (code: ErrorCode, call: Call) => {
      const route = routeOf(call);
      expect([route.operationId, errorsOf(route)]).toEqual([
        route.operationId,
        expect.arrayContaining([code]),
      ]);
      refusals.add(`${route.operationId} ${code}`);
      return expectProblem(code, call, where);
    };
  }

  /** Expects the one problem body, also where there is no operation. */
  async function expectProblem(code: ErrorCode, call: Call, where = stack) {
    const headers = { 'Accept-Language': 'ko', ...call.headers };
    const reply = await send({ ...call, headers }, where);
    const body = typeof reply.body.code === 'string' ? reply.body : JSON.parse(reply.text);
    expect([call.path, reply.status, body.code]).toEqual([call.path, ERRORS[code].status, code]);
    expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(body).toMatchObject({
      type: `urn:foyer:problem:${code}`,
      status: reply.status,
      title: ERRORS[code].en,
      detail: expect.any(String),
      instance: call.path.split('?')[0],
      requestId: reply.headers['x-request-id'],
    });
    expect(body.message).toMatch(/\p{Script=Hangul}/u);
    expect(reply.text).not.toMatch(/\bat .*\.(ts|js):\d+|SELECT|node_modules/);
    met.add(code);
    return { ...reply, body };
  }

  return {
    stack,
    routes,
    /** Operations that answered as documented. */
    walked,
    /** Codes that were answered. */
    met,
    /** `operationId CODE` of refusals that were answered. */
    refusals,
    /** Paths of the fields that an operation's answers had. */
    fields,
    send,
    ok,
    refused,
    refusedBy,
    expectProblem,
    ...callsOf(stack),
  };
}

/** The calls that most sections need. */
function callsOf(stack: Stack) {
  return {
    enter: (customerId: number, roomId: string): Call => ({
      method: 'post',
      path: '/customer/waiting/enter',
      body: { customerId, roomId },
    }),
    reserve: (caller: Caller, concertId: number, seats: object[]): Call => ({
      method: 'post',
      path: '/reservation/reserve',
      headers: caller.headers,
      body: {
        reserver: { customerId: caller.customerId, reserverName: '김철수' },
        concertId,
        performances: seats,
      },
    }),
    pay: (caller: Caller, amount: number, more: object = {}): Call => ({
      method: 'post',
      path: '/reservation/pay',
      headers: caller.headers,
      body: {
        customerId: caller.customerId,
        pay: [{ payMethod: 'POINT', payAmount: amount }],
        ...more,
      },
    }),
    async customer(points = 1_000_000): Promise<number> {
      const [customerId] = await stack.customers(1, points);
      if (!customerId) throw new Error('a customer');
      return customerId;
    },
    /** A concert on sale and a customer with a slot. */
    async sale(options: { seats?: number; price?: number; points?: number } = {}) {
      const roomId = await stack.room({ capacity: 100 });
      const { concertId, optionIds } = await stack.concert({ roomId, ...options });
      const [customerId] = await stack.customers(1, options.points ?? 1_000_000);
      if (!customerId) throw new Error('a customer');
      const caller = await stack.activate(roomId, customerId);
      return { roomId, concertId, optionId: optionIds[0], caller, customerId };
    },
  };
}

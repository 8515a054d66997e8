import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { z } from 'zod';
import { createApp } from '../../src/http/app.ts';
import { CONNECTION_LIMITS } from '../../src/http/server.ts';
import { waitingDocument } from '../../src/http/waiting-document.ts';
import { fastPathCases, OLD_SECRET, type SeatMapAddress } from '../support/fast-path-cases.ts';
import { type Answer, ask, askKept, askTogether, http } from '../support/raw-http.ts';
import { type Caller, QUEUE_SECRET, type Stack, startStack } from '../support/stack.ts';

const { keepAliveMs } = CONNECTION_LIMITS;

/** The same bytes down both ways: past Express, and through it. */
describe('the fast path', () => {
  let stack: Stack;
  let plain: Server;
  let caller: Caller;
  let waiting: Caller;
  let seatMap: SeatMapAddress;

  beforeAll(async () => {
    const QUEUE_TOKEN_SECRETS = `test:${QUEUE_SECRET},old:${OLD_SECRET}`;
    stack = await startStack({ env: { QUEUE_TOKEN_SECRETS } });
    // The same app without its fast path, and with Node's own request and response.
    plain = createServer(createApp(stack.services, () => false, keepAliveMs).express);
    plain.keepAliveTimeout = keepAliveMs;
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const roomId = await stack.room({ capacity: 1 });
    const [first = 0, second = 0] = await stack.customers(2);
    caller = await stack.activate(roomId, first);
    const { body } = await stack.api
      .post('/customer/waiting/enter')
      .send({ customerId: second, roomId })
      .expect(200);
    waiting = {
      customerId: second,
      token: body.token,
      headers: { Authorization: `Bearer ${body.token}` },
      place: body,
    };
    const { concertId, optionIds } = await stack.concert({ roomId });
    const optionId = optionIds[0] ?? 0;
    const map = await stack.api.get(`/concerts/${concertId}/options/${optionId}/seats`).expect(200);
    seatMap = { concertId, optionId, etag: String(map.headers['etag']) };
  });
  afterAll(async () => {
    plain.close();
    await stack.close();
  });

  /** Blanks what may differ: times, jittered poll times, identifiers. */
  const blank = ({ status, headers, body }: Answer): Answer => ({
    status,
    headers: headers.map(([name, value]) =>
      ['x-request-id', 'content-length', 'retry-after', 'next-map-in-ms'].includes(name)
        ? [name, '*']
        : [name, value],
    ),
    body: String(body)
      .replace(/"(pollAfterMs|remainingTime)":\d+/g, '"$1":*')
      .replace(/"(placeHeldUntil|requestId|token|asOf)":"[^"]*"/g, '"$1":*'),
  });

  const withoutConnection = ({ headers, ...answer }: Answer): Answer => ({
    ...answer,
    headers: headers.filter(([name]) => name !== 'connection' && name !== 'keep-alive'),
  });

  const cases = fastPathCases({
    waiting: () => waiting,
    active: () => caller,
    seatMap: () => seatMap,
  });

  it.each(cases)('answers %s as Express does', async (_, request) => {
    const [fast, express] = [await ask(stack.http.server, request()), await ask(plain, request())];
    expect(blank(fast)).toEqual(blank(express));
    expect(fast.status).not.toMatch(/ 5\d\d /);
  });

  it.each(cases)('answers %s as Express does where the connection is kept', async (_, request) => {
    const last = http('GET /customer/waiting', waiting.headers);
    const fast = await askKept(stack.http.server, request(), last);
    const express = await askKept(plain, request(), last);
    expect(fast.map(blank)).toEqual(express.map(blank));
    // Such an answer is written by Foyer, the other by Node.
    const closing = blank(await ask(stack.http.server, request()));
    expect(fast.map(blank).map(withoutConnection)[0]).toEqual(closing);
  });

  it.each([
    ['past Express', '/customer/waiting'],
    ['through Express', '/concerts'],
  ])('leaves nothing of a request to the next on its connection, %s', async (_, path) => {
    const chunked = { ...waiting.headers, 'Transfer-Encoding': 'chunked', Trailer: 'X-Request-Id' };
    const trailed = `${http(`GET ${path}`, chunked)}0\r\nX-Request-Id: left-over\r\n\r\n`;
    const withBody = http(`GET ${path}`, waiting.headers, 'GET /left-over HTTP/1.1\r\n\r\n');
    // So many headers reach Node in more than one piece, the first of which lies where trailers do.
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, nth) => [`X-Header-${nth}`, 'x']),
    );
    const next = http(`GET ${path}`, { ...many, ...waiting.headers });
    for (const first of [trailed, withBody, http(`GET ${path}`, waiting.headers)]) {
      const answers = await askKept(stack.http.server, first, next);
      expect(answers.map(({ status }) => status)).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK']);
      expect(JSON.stringify(answers)).not.toContain('left-over');
    }
  });

  it('answers pipelined requests in their order, whichever way each goes', async () => {
    const kept = (request: string): string => request.replace('\r\nConnection: close', '');
    const poll = (id: string): string =>
      kept(http('GET /customer/waiting', { ...waiting.headers, 'X-Request-Id': id }));
    const slow = (id: string): string => kept(http('GET /concerts', { 'X-Request-Id': id }));
    const requests = [poll('1'), slow('2'), poll('3'), poll('4'), slow('5')];
    const last = http('GET /customer/waiting', { ...waiting.headers, 'X-Request-Id': '6' });
    const answers = await askTogether(stack.http.server, [...requests, last]);
    const ids = answers.map(({ headers }) => new Map(headers).get('x-request-id'));
    expect(ids).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill('HTTP/1.1 200 OK'));
    for (const { body, headers } of answers) {
      expect(Buffer.byteLength(String(body))).toBe(Number(new Map(headers).get('content-length')));
    }
  });

  it('is what answers polls, and its answers are what the OpenAPI document promises', async () => {
    const seen: string[] = [];
    const { express, fastPath } = createApp(stack.services, () => false, keepAliveMs);
    const server = createServer((request, response) => {
      Object.setPrototypeOf(request, express.request);
      Object.setPrototypeOf(response, express.response);
      seen.push(`${request.url} ${fastPath(request, response)}`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const answer = await ask(server, http('GET /customer/waiting', waiting.headers));
    server.close();
    expect(seen).toEqual(['/customer/waiting true']);
    const document = JSON.parse(String(answer.body));
    expect(waitingDocument.strict().parse(document)).toEqual(document);
    expect(document).toMatchObject({ status: 'WAITING', watingNumber: 1 });
  });

  it('answers nothing that the OpenAPI document does not say of the operation', async () => {
    const { paths } = openApi.parse((await stack.api.get('/openapi.json')).body);
    let held = 0;
    for (const [, request] of cases) {
      const [method = '', url = ''] = request().split(' ');
      const operation = paths[url]?.[method.toLowerCase()];
      if (!operation) continue;
      const answer = await ask(stack.http.server, request());
      const promised = operation.responses[answer.status.split(' ')[1] ?? ''];
      const [[type, { schema }] = ['', { schema: {} }]] = Object.entries(promised?.content ?? {});
      expect(new Map(answer.headers).get('content-type')?.split(';')[0]).toBe(type);
      const document = JSON.parse(String(answer.body));
      const { properties = {}, required = [] } = described.parse(schema);
      if (type === 'application/json') {
        expect(z.fromJSONSchema(schema).parse(document)).toEqual(document);
        expect(Object.keys(document).sort()).toEqual([...required].sort());
      } else expect(properties['code']?.enum).toContain(document.code);
      held += 1;
    }
    expect(held).toBeGreaterThan(30);
  });

  it('lets a client that leaves before the answer go without a trace', async () => {
    const address = stack.http.server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    for (let nth = 0; nth < 20; nth += 1) {
      const socket = connect(port, '127.0.0.1');
      socket.write(
        http(
          'POST /customer/waiting/check',
          { ...waiting.headers, 'Content-Type': 'application/json' },
          `{"customerId":${waiting.customerId}}`,
        ),
      );
      await once(socket, 'connect');
      socket.destroy();
    }
    await stack.api.get('/customer/waiting').set(waiting.headers).expect(200);
  });
});

const described = z.looseObject({
  required: z.array(z.string()).optional(),
  properties: z
    .record(z.string(), z.looseObject({ enum: z.array(z.string()).optional() }))
    .optional(),
});
const openApi = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        responses: z.record(
          z.string(),
          z.looseObject({
            content: z.record(z.string(), z.object({ schema: z.looseObject({}) })).optional(),
          }),
        ),
      }),
    ),
  ),
});

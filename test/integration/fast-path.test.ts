import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import jwt from 'jsonwebtoken';
import { createApp } from '../../src/http/app.ts';
import { waitingDocument } from '../../src/http/waiting-document.ts';
import { type Caller, QUEUE_SECRET, type Stack, startStack } from '../support/stack.ts';

/** What came back over the wire, without what differs from one answer to the next. */
interface Answer {
  status: string;
  headers: [string, string][];
  body: unknown;
}

/** The same bytes down both ways: past Express, and through it. */
describe('the fast path', () => {
  let stack: Stack;
  let plain: Server;
  let caller: Caller;
  let waiting: Caller;

  beforeAll(async () => {
    stack = await startStack();
    // The same app without its fast path, and with Node's own request and response.
    plain = createServer(createApp(stack.services, () => false).express);
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
  });
  afterAll(async () => {
    plain.close();
    await stack.close();
  });

  async function ask(server: Server, request: string): Promise<Answer> {
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const socket = connect(port, '127.0.0.1');
    socket.write(request);
    let text = '';
    socket.setEncoding('utf8');
    for await (const chunk of socket) text += String(chunk);
    const [head = '', ...rest] = text.split('\r\n\r\n');
    const [status = '', ...lines] = head.split('\r\n');
    const headers = lines
      .map((line): [string, string] => {
        const [name = '', ...value] = line.split(': ');
        return [name.toLowerCase(), value.join(': ')];
      })
      .filter(([name]) => !['date', 'connection', 'keep-alive', 'set-cookie'].includes(name))
      .sort();
    return { status, headers, body: rest.join('\r\n\r\n') };
  }

  /** Blanks what may differ: times, jittered poll times, identifiers. */
  const blank = ({ status, headers, body }: Answer): Answer => ({
    status,
    headers: headers.map(([name, value]) =>
      ['x-request-id', 'content-length', 'retry-after'].includes(name)
        ? [name, '*']
        : [name, value],
    ),
    body: String(body)
      .replace(/"(pollAfterMs|remainingTime)":\d+/g, '"$1":*')
      .replace(/"(placeHeldUntil|requestId|token)":"[^"]*"/g, '"$1":*'),
  });

  const http = (line: string, headers: Record<string, string> = {}, body = ''): string =>
    [
      `${line} HTTP/1.1`,
      'Host: foyer',
      'Connection: close',
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
      '',
      body,
    ].join('\r\n');
  const json = { 'Content-Type': 'application/json' };
  const asWaiting = () => waiting.headers;

  const cases: [string, () => string][] = [
    ['a poll', () => http('GET /customer/waiting', asWaiting())],
    ['a poll of an active place', () => http('GET /customer/waiting', caller.headers)],
    ['HEAD', () => http('HEAD /customer/waiting', asWaiting())],
    ['another case', () => http('GET /Customer/Waiting', asWaiting())],
    ['a trailing slash', () => http('GET /customer/waiting/', asWaiting())],
    ['a query', () => http('GET /customer/waiting?a=1', asWaiting())],
    ['another method', () => http('PUT /customer/waiting', asWaiting())],
    ['no token', () => http('GET /customer/waiting')],
    ['a wrong scheme', () => http('GET /customer/waiting', { Authorization: 'Basic abc' })],
    ['two tokens', () => http('GET /customer/waiting', { Authorization: 'Bearer a b' })],
    [
      'a lower-case scheme',
      () => http('GET /customer/waiting', { Authorization: `bearer ${waiting.token}` }),
    ],
    [
      'a forged token',
      () => http('GET /customer/waiting', { Authorization: `Bearer ${waiting.token}x` }),
    ],
    [
      'an English refusal',
      () => http('GET /customer/waiting', { Authorization: 'Bearer x', 'Accept-Language': 'en' }),
    ],
    [
      'a given request id',
      () => http('GET /customer/waiting', { ...asWaiting(), 'X-Request-Id': 'abc' }),
    ],
    [
      'a wrong request id',
      () => http('GET /customer/waiting', { ...asWaiting(), 'X-Request-Id': 'a b' }),
    ],
    ['a cookie', () => http('GET /customer/waiting', { Cookie: `foyer_room_x=${waiting.token}` })],
    ['a body on GET', () => http('GET /customer/waiting', { ...asWaiting(), ...json }, '{}')],
    [
      'an expired token',
      () => http('GET /customer/waiting', { Authorization: `Bearer ${expired()}` }),
    ],
    [
      'a token of no room',
      () => http('GET /customer/waiting', { Authorization: `Bearer ${homeless()}` }),
    ],
    ['a check', () => http('POST /customer/waiting/check', { ...asWaiting(), ...json }, body({}))],
    [
      'a check for another',
      () => http('POST /customer/waiting/check', { ...asWaiting(), ...json }, '{"customerId":1}'),
    ],
    [
      'a check without the field',
      () => http('POST /customer/waiting/check', { ...asWaiting(), ...json }, '{}'),
    ],
    [
      'a check with broken JSON',
      () => http('POST /customer/waiting/check', { ...asWaiting(), ...json }, '{"a'),
    ],
    [
      'a check with a bare number',
      () => http('POST /customer/waiting/check', { ...asWaiting(), ...json }, '12'),
    ],
    [
      'a check with an array',
      () => http('POST /customer/waiting/check', { ...asWaiting(), ...json }, '[]'),
    ],
    ['a check without a body', () => http('POST /customer/waiting/check', asWaiting())],
    [
      'a check of another type',
      () =>
        http('POST /customer/waiting/check', { ...asWaiting(), 'Content-Type': 'text/plain' }, 'a'),
    ],
    [
      'a check of another encoding',
      () =>
        http(
          'POST /customer/waiting/check',
          { ...asWaiting(), ...json, 'Content-Encoding': 'br' },
          '{}',
        ),
    ],
    [
      'a check of another charset',
      () =>
        http(
          'POST /customer/waiting/check',
          { ...asWaiting(), 'Content-Type': 'application/json; charset=utf-16' },
          body({}),
        ),
    ],
    [
      'a check that is too long',
      () =>
        http(
          'POST /customer/waiting/check',
          { ...asWaiting(), ...json },
          body({ text: 'x'.repeat(20_000) }),
        ),
    ],
    [
      'a check that is longish',
      () =>
        http(
          'POST /customer/waiting/check',
          { ...asWaiting(), ...json },
          body({ text: 'x'.repeat(2_000) }),
        ),
    ],
    ['an entry', () => http('POST /customer/waiting/enter', json, body({ roomId: 'room-1' }))],
    [
      'an entry to nowhere',
      () => http('POST /customer/waiting/enter', json, body({ roomId: 'no' })),
    ],
    [
      'an entry of nobody',
      () => http('POST /customer/waiting/enter', json, '{"customerId":999999999}'),
    ],
    [
      'an entry with a wrong field',
      () => http('POST /customer/waiting/enter', json, '{"customerId":"1"}'),
    ],
  ];
  const body = (more: object): string =>
    JSON.stringify({ customerId: waiting.customerId, ...more });
  const sign = (payload: object): string =>
    jwt.sign({ use: 'queue', sub: String(waiting.customerId), seq: 1, ...payload }, QUEUE_SECRET, {
      keyid: 'test',
    });
  const expired = (): string => sign({ room: 'room-1', iat: 1, exp: 2 });
  const homeless = (): string => sign({ room: 'none', exp: 4_000_000_000 });

  it.each(cases)('answers %s as Express does', async (_, request) => {
    const [fast, express] = [await ask(stack.http.server, request()), await ask(plain, request())];
    expect(blank(fast)).toEqual(blank(express));
    expect(fast.status).not.toMatch(/ 5\d\d /);
  });

  it('is what answers polls, and its answers are what the OpenAPI document promises', async () => {
    const seen: string[] = [];
    const { express, fastPath } = createApp(stack.services, () => false);
    const server = createServer((request, response) => {
      Object.setPrototypeOf(request, express.request);
      Object.setPrototypeOf(response, express.response);
      seen.push(`${request.url} ${fastPath(request, response)}`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const answer = await ask(server, http('GET /customer/waiting', asWaiting()));
    server.close();
    expect(seen).toEqual(['/customer/waiting true']);
    const document = JSON.parse(String(answer.body));
    expect(waitingDocument.strict().parse(document)).toEqual(document);
    expect(document).toMatchObject({ status: 'WAITING', watingNumber: 1 });
  });

  it('lets a client that leaves before the answer go without a trace', async () => {
    const address = stack.http.server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    for (let nth = 0; nth < 20; nth += 1) {
      const socket = connect(port, '127.0.0.1');
      socket.write(http('POST /customer/waiting/check', { ...asWaiting(), ...json }, body({})));
      await once(socket, 'connect');
      socket.destroy();
    }
    await stack.api.get('/customer/waiting').set(asWaiting()).expect(200);
  });
});

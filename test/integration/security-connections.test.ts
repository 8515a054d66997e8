import { once } from 'node:events';
import { promisify } from 'node:util';
import { CONNECTION_LIMITS, createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { eventually } from '../support/eventually.ts';
import { openRaw } from '../support/raw-connection.ts';
import { type Stack, startStack } from '../support/stack.ts';

const ENTER =
  'POST /customer/waiting/enter HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

/** What a connection may take, on the real server with times short enough to be waited for. */
describe('a connection', () => {
  let stack: Stack;
  let hasty: HttpServer;
  let url: string;

  beforeAll(async () => {
    stack = await startStack();
    hasty = createHttpServer(stack.services, {
      ...CONNECTION_LIMITS,
      headersMs: 150,
      requestMs: 300,
      checkMs: 25,
      connectionsMax: 3,
    });
    url = await listen(hasty);
  });
  afterAll(async () => {
    await hasty.close();
    await stack.close();
  });

  async function listen({ server }: HttpServer): Promise<string> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  async function refusal(text: string, where = url) {
    const { socket, answer } = await openRaw(where);
    socket.write(text);
    const { status, headers, body } = await answer();
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(headers['x-request-id']).toMatch(/./);
    const problem = JSON.parse(body);
    expect(problem).toMatchObject({ status, requestId: headers['x-request-id'] });
    expect(body).not.toMatch(/HPE_|node:|\.ts:/);
    return [status, problem.code];
  }

  it('is cut when its headers do not arrive in time', async () => {
    expect(await refusal('GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow')).toEqual([
      408,
      'REQUEST_TIMEOUT',
    ]);
  });

  it('is cut when headers drip in, however steadily', async () => {
    const { socket, answer } = await openRaw(url);
    socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n');
    const drip = setInterval(() => socket.write('X-Drip: 1\r\n'), 20);
    const { status } = await answer();
    clearInterval(drip);
    expect(status).toBe(408);
  });

  it.each([
    ['past Express', 20],
    ['through Express', 5_000],
  ])('is cut when its body drips in, %s', async (_, length) => {
    const { socket, answer } = await openRaw(url);
    socket.write(`${ENTER}Content-Length: ${length}\r\n\r\n{`);
    const drip = setInterval(() => socket.write(' '), 100);
    const { status } = await answer();
    clearInterval(drip);
    expect(status).toBe(408);
  });

  it('is refused headers, an address or a body beyond their limits', async () => {
    const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
    const large = `X-Large: ${'x'.repeat(20_000)}\r\n`;
    expect(await refusal(get('/health/live', large))).toEqual([431, 'HEADERS_TOO_LARGE']);
    const many = Array.from({ length: 2_000 }, (_, nth) => `X-${nth}: 12345\r\n`).join('');
    expect(await refusal(get('/health/live', many))).toEqual([431, 'HEADERS_TOO_LARGE']);
    expect(await refusal(get(`/concerts?cursor=${'1'.repeat(3_000)}`))).toEqual([
      414,
      'URI_TOO_LONG',
    ]);
    const body = `{"customerId":1,"padding":"${'x'.repeat(17_000)}"}`;
    const post = `${ENTER}Content-Length: ${body.length}\r\n\r\n${body}`;
    expect(await refusal(post)).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    // A body that is only said to be large is not waited for.
    const said = `${ENTER}Content-Length: 10000000000\r\n\r\n`;
    expect(await refusal(said)).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    const chunk = `${'4000'}\r\n${'x'.repeat(0x4000)}\r\n`;
    const chunked = `${ENTER}Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`;
    expect(await refusal(chunked)).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['two lengths', `${ENTER}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ['a length and chunks', `${ENTER}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`],
    ['a header with a line break', 'GET / HTTP/1.1\r\nHost: x\r\nX: a\nb\r\n\r\n'],
    ['a bad chunk', `${ENTER}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
  ])('that brings %s is told so, and closed', async (_, text) => {
    expect(await refusal(text)).toEqual([400, 'ILLEGAL_ARGUMENTS']);
  });

  it('is kept as long as it is used, and then for the time that each answer says', async () => {
    const impatient = createHttpServer(stack.services, {
      ...CONNECTION_LIMITS,
      keepAliveMs: 1_000,
    });
    const where = await listen(impatient);
    const roomId = await stack.room({ capacity: 0 });
    const [customerId = 0] = await stack.customers(1);
    const entered = await stack.api
      .post('/customer/waiting/enter')
      .send({ customerId, roomId })
      .expect(200);
    const bearer = `Authorization: Bearer ${entered.body.token}\r\n`;
    const opened = await Promise.all([openRaw(where), openRaw(where), openRaw(where)]);
    const [used, quiet, streaming] = opened;
    async function ask({ socket }: typeof used, path: string, headers = ''): Promise<string> {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
      const [text] = await once(socket, 'data');
      return String(text);
    }
    try {
      // Answered past Express, through it, and by Node's own way.
      for (const path of ['/customer/waiting', '/concerts', '/']) {
        expect(await ask(quiet, path)).toContain('\r\nKeep-Alive: timeout=1\r\n');
      }
      // Answers nothing for longer than that, once it has told the place.
      expect(await ask(streaming, '/customer/waiting/stream', bearer)).toMatch(/^HTTP\/1.1 200/);
      const askedAt = performance.now();
      await eventually(async () => {
        expect(await ask(used, '/health/live')).toMatch(/^HTTP\/1.1 200/);
        expect(quiet.socket.closed).toBe(true);
      });
      expect(performance.now() - askedAt).toBeGreaterThan(990);
      expect(used.socket.closed).toBe(false);
      await eventually(() => expect(used.socket.closed).toBe(true));
      expect(streaming.socket.closed).toBe(false);
    } finally {
      for (const { socket } of opened) socket.destroy();
      await impatient.close();
    }
  });

  it('more than there may be is closed at once, and room is made again', async () => {
    const count = promisify(hasty.server.getConnections.bind(hasty.server));
    await eventually(async () => expect(await count()).toBe(0));
    const open = await Promise.all([openRaw(url), openRaw(url), openRaw(url)]);
    const { answer } = await openRaw(url);
    expect((await answer()).status).toBeNaN();
    for (const { socket } of open) socket.destroy();
    await eventually(async () => {
      const raw = await openRaw(url);
      raw.socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
      expect((await raw.answer()).status).toBe(200);
    });
  });
});

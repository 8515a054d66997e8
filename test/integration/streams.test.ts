import { once } from 'node:events';
import { type ClientRequest, createServer, type IncomingMessage, request } from 'node:http';
import { createStreams } from '../../src/http/streams.ts';
import { eventually } from '../support/eventually.ts';
import { openRaw } from '../support/raw-connection.ts';
import { callsSince, redisCalls } from '../support/redis-calls.ts';
import { type Stack, startStack } from '../support/stack.ts';

describe('streams', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.close());

  const open = (token: string): ClientRequest => {
    const asked = request(`${stack.url}/customer/waiting/stream`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    asked.on('error', () => undefined);
    asked.end();
    return asked;
  };
  const openStreams = async (): Promise<number | undefined> =>
    (await stack.services.metrics.streams.get()).values[0]?.value;

  /** The documents that have come, and those to come. */
  const read = (answer: IncomingMessage): { documents: Record<string, unknown>[] } => {
    const seen = { documents: [] as Record<string, unknown>[] };
    answer.setEncoding('utf8');
    answer.on('data', (text: string) => {
      for (const [, json = ''] of text.matchAll(/^data: (\{.*\})$/gm)) {
        seen.documents.push(JSON.parse(json));
      }
    });
    return seen;
  };

  it('tell of a place until it is called, then close', async () => {
    const roomId = await stack.room({ capacity: 1 });
    const [first, second] = await stack.customers(2);
    if (!first || !second) throw new Error('two customers');
    const holder = await stack.activate(roomId, first);
    const { body: waiting } = await stack.api
      .post('/customer/waiting/enter')
      .send({ customerId: second, roomId });
    const asked = open(waiting.token);
    const [answer]: IncomingMessage[] = await once(asked, 'response');
    if (!answer) throw new Error('no answer');
    expect(answer.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    const seen = read(answer);
    const ended = once(answer, 'end');
    await eventually(() => expect(seen.documents).toHaveLength(1));
    await stack.api.delete('/customer/waiting').set(holder.headers).expect(204);
    await ended;
    expect(seen.documents.map((one) => [one['status'], one['watingNumber']])).toEqual([
      ['WAITING', 1],
      ['ACTIVE', 0],
    ]);
  });

  it('leave nothing behind when the client leaves at once, or later', async () => {
    const roomId = await stack.room({ capacity: 0 });
    const customers = await stack.customers(20);
    const tokens = await Promise.all(
      customers.map(async (customerId) => {
        const { body } = await stack.api
          .post('/customer/waiting/enter')
          .send({ customerId, roomId });
        return String(body.token);
      }),
    );
    const asked = tokens.map(open);
    await Promise.all(asked.slice(10).map((one) => once(one, 'response')));
    for (const one of asked) one.destroy();
    await eventually(async () => expect(await openStreams()).toBe(0));
  });

  it('leave nothing behind of a connection on which they stood behind another answer', async () => {
    const { queueTokens, waitingRoom } = stack.services;
    const roomId = await stack.room({ capacity: 0 });
    const token = queueTokens.sign(await waitingRoom.line.enter({ roomId, customerId: 1 }));
    const head = `Host: x\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    const stream = `GET /customer/waiting/stream HTTP/1.1\r\n${head}`;
    const inFlight = async () => {
      const { text } = await stack.api.get('/metrics').expect(200);
      return text.split('\n').find((line) => line.startsWith('foyer_http_requests_in_flight '));
    };
    const before = await inFlight();
    // The first never ends, so that nothing after it is sent, neither what streams nor what is answered at once.
    const { socket } = await openRaw(stack.url);
    socket.write(`${stream.repeat(12)}GET /openapi.json HTTP/1.1\r\n${head}${stream}`);
    await eventually(async () => expect(await openStreams()).toBe(13));
    expect(await inFlight()).not.toBe(before);
    socket.destroy();
    await eventually(async () => {
      expect([await openStreams(), await inFlight()]).toEqual([0, before]);
    });
  });

  it('cost Redis a script per tick and room, not one per client', async () => {
    const streams = 500;
    const ticks = 3;
    const rooms = [await stack.room({ capacity: 0 }), await stack.room({ capacity: 0 })];
    const { line } = stack.services.waitingRoom;
    const places = await Promise.all(
      Array.from({ length: streams }, (_, nth) =>
        line.enter({ roomId: rooms[nth % rooms.length] ?? '', customerId: nth + 1 }),
      ),
    );
    const asked = places.map((place) => open(stack.services.queueTokens.sign(place)));
    const answers = await Promise.all(asked.map((one) => once(one, 'response')));
    for (const [answer] of answers) answer.resume();
    await eventually(async () => expect(await openStreams()).toBe(streams));

    const { redis } = stack.services;
    const before = await redisCalls(redis);
    const scripts = async () => callsSince(before, await redisCalls(redis))['evalsha'] ?? 0;
    // What clients cause stands still between two ticks: each is counted whole.
    await eventually(async () => expect(await scripts()).toBeGreaterThanOrEqual(ticks * 2), {
      everyMs: 20,
    });
    expect(await scripts()).toBeLessThanOrEqual((ticks + 1) * rooms.length);
    for (const one of asked) one.destroy();
    await eventually(async () => expect(await openStreams()).toBe(0));
  });

  it('are so many and no more; who comes later is told to poll; the silent ones get heartbeats', async () => {
    const { services } = stack;
    const streams = createStreams(services, {
      ...{ clientsMax: 2, adminClientsMax: 1, tickMs: 20, heartbeatMs: 50 },
    });
    const roomId = await stack.room({ capacity: 0 });
    const place = await services.waitingRoom.line.enter({ roomId, customerId: 1 });
    const token = services.queueTokens.sign(place);
    const refusals: unknown[] = [];
    const server = createServer((_, response) => {
      streams.openWaiting(response, services.queueTokens.verify(token)).catch((error: unknown) => {
        refusals.push(error);
        response.writeHead(503).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const ask = async (): Promise<IncomingMessage> => {
      const asked = request({ port, host: '127.0.0.1' });
      asked.on('error', () => undefined);
      asked.end();
      const [answer]: IncomingMessage[] = await once(asked, 'response');
      if (!answer) throw new Error('no answer');
      return answer;
    };
    const [first, second] = [await ask(), await ask()];
    expect((await ask()).statusCode).toBe(503);
    expect(refusals).toMatchObject([
      { code: 'UNAVAILABLE', retryAfterSeconds: 2, details: { advice: 'poll' } },
    ]);
    let text = '';
    first.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    await eventually(() => expect(text.match(/^: still here$/gm)?.length).toBeGreaterThan(1));
    // A place that a leaving client gives back is there for the next.
    second.destroy();
    await eventually(async () => expect((await ask()).statusCode).toBe(200));
    streams.close();
    server.closeAllConnections();
    server.close();
  });
});

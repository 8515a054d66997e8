import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { eventually } from '../support/eventually.ts';
import { type Stack, startStack } from '../support/stack.ts';

describe('a stopping API', () => {
  let stack: Stack;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  beforeEach(async () => {
    stack = await startStack();
  });
  afterEach(async () => {
    agent.destroy();
    await stack.close();
  });

  async function get(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
    const asked = request(`${stack.url}${path}`, { agent, headers });
    asked.end();
    const [answer] = await once(asked, 'response');
    return answer;
  }

  it('first says that it is not ready, then closes each connection with an answer, not before', async () => {
    const roomId = await stack.room({ capacity: 1 });
    const [customerId] = await stack.customers(1, 0);
    const { token } = await stack.activate(roomId, customerId ?? 0);
    const ask = async (path: string) => {
      const answer = await get(path, { Authorization: `Bearer ${token}` });
      const { localPort } = answer.socket;
      answer.resume();
      await once(answer, 'end');
      return [answer.statusCode, answer.headers.connection, localPort];
    };
    const [status, connection, port] = await ask('/customer/waiting');
    expect([status, connection]).toEqual([200, 'keep-alive']);
    stack.http.beginDrain();
    expect(await ask('/health/ready')).toEqual([503, 'keep-alive', port]);
    const closing = stack.http.close(60_000);
    await eventually(() => expect(stack.http.server.listening).toBe(false));
    // The same connection, which was idle when the door was closed.
    expect(await ask('/customer/waiting')).toEqual([200, 'close', port]);
    await closing;
  });

  it('sends streams elsewhere, and those that come late too', async () => {
    const roomId = await stack.room({ capacity: 1 });
    const [first, second] = await stack.customers(2, 0);
    await stack.activate(roomId, first ?? 0);
    const { body } = await stack.api
      .post('/customer/waiting/enter')
      .send({ customerId: second, roomId });
    const open = async () => {
      const answer = await get('/customer/waiting/stream', {
        Authorization: `Bearer ${body.token}`,
      });
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      const ended = once(answer, 'end');
      await eventually(() => expect(text).toContain('event: waiting'));
      return { answer, text: () => text, ended };
    };
    const stream = await open();
    const closing = stack.http.close(60_000);
    await stream.ended;
    expect(stream.text()).toMatch(/^retry: \d{4}\n[\s\S]*event: reconnect\ndata: \{\}\n\n$/);
    // On the connection that the stream has left.
    const late = await open();
    expect(late.answer.headers.connection).toBe('close');
    await late.ended;
    expect(late.text()).toContain('event: reconnect');
    await closing;
  });

  it('waits for the request that is being answered, and not for who never asked', async () => {
    const { port } = new URL(stack.url);
    const silent = connect(Number(port), '127.0.0.1');
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    await eventually(async () => {
      expect(await connections(stack)).toBeGreaterThan(0);
    });
    const asked = request(`${stack.url}/customer/waiting/enter`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Length': '2' },
    });
    asked.flushHeaders();
    await eventually(async () => {
      expect(await connections(stack)).toBeGreaterThan(1);
    });
    stack.http.beginDrain();
    let closed = false;
    const closing = stack.http.close().then(() => {
      closed = true;
    });
    try {
      await eventually(() => expect(silent.closed).toBe(true));
      expect(closed).toBe(false);
      asked.end('{}');
      const [answer]: IncomingMessage[] = await once(asked, 'response');
      expect(answer?.statusCode).toBe(400);
      answer?.resume();
    } finally {
      // Whatever was found, the stack can be closed.
      silent.destroy();
      asked.destroy();
    }
    await closing;
  });

  it('lets answers that are still on their way arrive whole', async () => {
    const { client, requests } = await askWithoutReading();
    const closing = stack.http.close();
    let text = '';
    client.setEncoding('latin1');
    for await (const chunk of client) text += String(chunk);
    await closing;
    const answers = text.split(/(?=HTTP\/1\.1 )/).map((one) => one.split('\r\n\r\n'));
    expect(answers.map(([, body]) => body?.length)).toEqual(
      answers.map(([head = '']) => Number(/content-length: (\d+)/i.exec(head)?.[1])),
    );
    expect(answers).toHaveLength(requests);
  });

  it('goes without who never reads an answer', async () => {
    const { client, served } = await askWithoutReading();
    await stack.http.close();
    let arrived = 0;
    client.resume().on('data', (chunk) => {
      arrived += chunk.length;
    });
    client.on('error', () => undefined);
    await once(client, 'close');
    expect(arrived).toBeLessThan(served.bytesWritten);
  });

  /** A client that has asked for large answers and reads none: they wait in this process. */
  async function askWithoutReading(): Promise<{
    client: Socket;
    served: Socket;
    requests: number;
  }> {
    const roomId = await stack.room();
    const { concertId, optionIds } = await stack.concert({ roomId, seats: 100_000 });
    const path = `/concerts/${concertId}/options/${optionIds[0]}/seats`;
    const accepted = once(stack.http.server, 'connection');
    // More than the system takes over from the server at once.
    const client = connect(Number(new URL(stack.url).port), '127.0.0.1').pause();
    const [served]: Socket[] = await accepted;
    if (!served) throw new Error('nobody was accepted');
    const requests = 4;
    client.write(`GET ${path} HTTP/1.1\r\nHost: foyer\r\n\r\n`.repeat(requests));
    await eventually(() => expect(served.writableLength).toBeGreaterThan(0));
    return { client, served, requests };
  }
});

function connections({ http }: Stack): Promise<number> {
  return new Promise((resolve, reject) => {
    http.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { eventually } from '../support/eventually.ts';
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
});

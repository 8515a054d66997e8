import { type Stack, startStack } from '../support/stack.ts';

/** More than a process has connections to Postgres. */
const BUYERS = 40;

describe('reserving with Idempotency-Keys', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.close());

  it('needs one connection each: a crowd that comes when nothing is remembered waits for nobody in vain', async () => {
    const roomId = await stack.room({ capacity: BUYERS });
    const customers = await stack.customers(BUYERS);
    const callers = await Promise.all(customers.map((id) => stack.activate(roomId, id)));
    const { concertId, optionIds } = await stack.concert({ roomId, seats: BUYERS });
    const [optionId] = optionIds;
    const replies = await Promise.all(
      callers.map(({ customerId, headers }, nth) =>
        stack.api
          .post('/reservation/reserve')
          .set(headers)
          .set('Idempotency-Key', `crowd-${customerId}`)
          .send({
            reserver: { customerId, reserverName: 'Somebody' },
            concertId,
            performances: [{ optionId, seatId: nth + 1 }],
          }),
      ),
    );
    expect(replies.map((reply) => reply.status)).toEqual(customers.map(() => 200));
  });
});

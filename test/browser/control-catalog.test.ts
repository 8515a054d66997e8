import { createWorkers } from '../../src/workers/index.ts';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import { type Operator, signIn } from '../support/control-room.ts';
import { type Stack, startStack } from '../support/stack.ts';

describe('concerts and checks in the control room', () => {
  let stack: Stack;
  let browser: TestBrowser;
  let operator: Operator;

  beforeAll(async () => {
    stack = await startStack();
    browser = await launchBrowser(stack.url);
    operator = await signIn(await browser.visitor({ locale: 'en-US' }), stack);
  });
  afterAll(async () => {
    // One operator walks through all of these.
    await browser.leave().finally(() => browser.close());
    await stack.close();
  });

  /** Somebody who bought one seat. */
  async function bought(
    sale: { roomId: string; concertId: number; optionId: number },
    seatId: number,
  ) {
    const { roomId, concertId, optionId } = sale;
    const [customerId = 0] = await stack.customers(1);
    const { headers } = await stack.activate(roomId, customerId);
    const body = {
      reserver: { customerId, reserverName: 'Somebody' },
      concertId,
      performances: [{ optionId, seatId }],
    };
    const { body: reserved } = await stack.api
      .post('/reservation/reserve')
      .set(headers)
      .send(body)
      .expect(200);
    const pay = [{ payMethod: 'POINT', payAmount: 1_000 }];
    await stack.api.post('/reservation/pay').set(headers).send({ customerId, pay }).expect(200);
    return { customerId, ticketId: reserved.tickets[0].ticketId };
  }

  async function sale() {
    const roomId = await stack.room({ capacity: 100 });
    const { concertId, optionIds } = await stack.concert({ roomId, seats: 20 });
    return { roomId, concertId, optionId: optionIds[0] };
  }

  it('create a concert and a performance, block seats and give them back', async () => {
    const roomId = await stack.room({});
    const { page } = operator;
    await operator.view('concerts');
    await page.getByText('New concert').click();
    await page.getByLabel('Name').fill('An evening');
    await page.getByLabel('Artist').fill('Somebody');
    await page.getByLabel('Room id').fill(roomId);
    await page.getByLabel('Sale begins').fill('2030-01-01T09:00');
    await page.getByLabel('Sale ends').fill('2030-02-01T09:00');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'An evening' }).waitFor();
    await page.getByText('New performance').click();
    const form = page.locator('details', { hasText: 'New performance' });
    await form.getByLabel('Name').fill('First night');
    await form.getByLabel('When').fill('2030-02-02T19:30');
    await form.getByLabel('Seats').fill('12');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: /First night/ }).click();
    await page.getByRole('button', { name: 'Seat 3, available' }).click();
    await page.getByRole('button', { name: 'Seat 4, available' }).click();
    await page.getByRole('button', { name: 'Block 2' }).click();
    await page.getByRole('button', { name: 'Seat 4, blocked' }).click();
    await operator.requireAccessible();
    await page.getByRole('button', { name: 'Unblock 1' }).click();
    await page.getByRole('button', { name: 'Seat 4, available' }).waitFor();
    await page.getByRole('button', { name: 'Seat 3, blocked' }).waitFor();
    await operator.view('audit');
    await page.getByText('seats.unblock').waitFor();
  });

  it('deliver a stuck effect, judge a ticket, and cancel a performance with its refunds in sight', async () => {
    const { page } = operator;
    const made = await sale();
    const [first, second] = [await bought(made, 1), await bought(made, 2)];
    // No worker runs: what follows from the payments waits.
    await operator.view('checks');
    const retry = page.getByRole('button', { name: 'Retry now' });
    await retry.first().click();
    await page.getByText('It is being tried again.').waitFor();
    await operator.requireAccessible();
    const worker = createWorkers(stack.services);
    worker.start();
    await page.getByText('Nothing is stuck.').waitFor();
    await worker.close();

    await operator.view('customers');
    await page.getByLabel('Ticket number').fill(String(second.ticketId));
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText('This ticket is good').waitFor();

    await operator.view(`concerts/${made.concertId}/${made.optionId}`);
    await page.getByRole('button', { name: 'Seat 1, sold' }).waitFor();
    await page.getByRole('button', { name: 'Cancel the performance' }).click();
    const question = page.getByRole('dialog');
    const confirm = question.getByRole('button', { name: 'Cancel the performance' });
    await question.getByRole('textbox').fill('night 1');
    expect(await confirm.isDisabled()).toBe(true);
    await question.getByRole('textbox').fill('Night 1');
    await confirm.click();
    await page.getByText('0 of 2 reservations given back.').waitFor();
    await operator.requireAccessible();
    await stack.startWorker();
    await page.getByText('2 of 2 reservations given back.').waitFor();
    await page.getByText('Everything has been given back.').waitFor();
    for (const { customerId } of [first, second]) {
      expect(await stack.services.points.balance(customerId)).toMatchObject({ balance: 1_000_000 });
    }
    await operator.view('customers');
    await page.getByLabel('Ticket number').fill(String(second.ticketId));
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText('This ticket is not good').waitFor();
    // The address in its code leads to the same check.
    await page.goto(`${stack.url}/admin/tickets/${first.ticketId}`);
    await page.getByText('This ticket is not good').waitFor();
    expect(page.url()).toBe(`${stack.url}/admin#/tickets/${first.ticketId}`);
  });

  it('say that all is well, and are loud when it is not', async () => {
    const { page } = operator;
    await operator.view('checks');
    await page.getByText('Everything holds.').waitFor();
    // Money out of nothing.
    const [customerId = 0] = await stack.customers(1);
    await stack.services.db.query({
      text: 'UPDATE accounts SET balance = balance + 1 WHERE customer_id = $1',
      values: [customerId],
    });
    await page.getByRole('button', { name: 'Check again now' }).click();
    await page.getByText('Something that must never break is broken.', { exact: false }).waitFor();
    await page.locator('li', { hasText: 'points-conserved' }).getByText('1 violations').waitFor();
    await operator.requireAccessible();
    const { invariants } = stack.services;
    await invariants.checkAndStore(new AbortController().signal);
    await page.reload();
    await page.getByRole('link', { name: /\d invariant violation/ }).waitFor();
  });
});

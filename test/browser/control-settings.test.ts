import { launchBrowser, type TestBrowser } from '../support/browser.ts';
import { type Operator, signIn } from '../support/control-room.ts';
import { eventually } from '../support/eventually.ts';
import { admin, type Stack, startStack } from '../support/stack.ts';

const ACTOR = { name: 'another', requestId: 'test' };

describe('settings in the control room', () => {
  let stack: Stack;
  let browser: TestBrowser;
  let operator: Operator;

  beforeAll(async () => {
    stack = await startStack({ workers: 1 });
    browser = await launchBrowser(stack.url);
    operator = await signIn(await browser.visitor({ locale: 'en-US', width: 360 }), stack);
  });
  afterAll(async () => {
    // One operator walks through all of these.
    await browser.leave().finally(() => browser.close());
    await stack.close();
  });

  const inForce = (roomId: string) => stack.services.waitingRoom.rooms.get(roomId);

  it('close a room once the question is answered with yes, and open it again', async () => {
    const roomId = await stack.room({});
    const { page } = operator;
    await operator.view(`rooms/${roomId}`);
    const close = page.getByRole('button', { name: 'Close', exact: true });
    const question = page.getByRole('dialog', { name: 'Close this room?' });
    await close.click();
    await operator.requireAccessible();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    await close.click();
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    expect(await inForce(roomId)).toMatchObject({ state: 'OPEN', version: 1 });
    await close.click();
    await question.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByText('Closed', { exact: true }).first().waitFor();
    expect(await inForce(roomId)).toMatchObject({ state: 'CLOSED', version: 2 });
    const [customerId = 0] = await stack.customers(1);
    await eventually(() =>
      stack.api.post('/customer/waiting/enter').send({ customerId, roomId }).expect(403),
    );
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Open', { exact: true }).first().waitFor();
    expect(await inForce(roomId)).toMatchObject({ state: 'OPEN', version: 3 });
  });

  it('that are seldom changed, saved together, taken back, and refused with a reason', async () => {
    const roomId = await stack.room({ waitingMax: 1_000 });
    const { page } = operator;
    await operator.view(`rooms/${roomId}`);
    await page.getByText('More settings').click();
    const form = page.locator('details', { hasText: 'More settings' });
    const longest = form.getByLabel('Longest line');
    await longest.fill('77');
    await form.getByRole('button', { name: 'Discard' }).click();
    expect(await longest.inputValue()).toBe('1000');
    expect(await form.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await form.getByLabel('Name').fill('<b>A room</b> 🎫');
    await longest.fill('2000');
    await form.getByLabel('Time to shop (s)').fill('420');
    await form.getByLabel('Opens at').fill('2030-01-01T09:00:30');
    await operator.requireAccessible();
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: '<b>A room</b> 🎫' }).waitFor();
    expect(await inForce(roomId)).toMatchObject({
      name: '<b>A room</b> 🎫',
      waitingMax: 2_000,
      slotSeconds: 420,
      opensAt: new Date('2030-01-01T09:00:30'),
      version: 2,
    });
    // A time is taken away again by an empty field.
    await form.getByLabel('Opens at').fill('');
    await form.getByRole('button', { name: 'Save' }).click();
    await eventually(async () =>
      expect(await inForce(roomId)).toMatchObject({ opensAt: null, version: 3 }),
    );
    operator.expect(400);
    await form.getByLabel('Poll budget per second').fill('0');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByRole('alert').waitFor();
    expect(await inForce(roomId)).toMatchObject({ version: 3 });
  });

  it('that another changed first: what is in force can be kept', async () => {
    const roomId = await stack.room({ capacity: 10 });
    const { page } = operator;
    await operator.view(`rooms/${roomId}`);
    const capacity = page.getByLabel('Capacity', { exact: true });
    await capacity.fill('50');
    await stack.services.waitingRoom.rooms.patch(
      roomId,
      1,
      { capacity: 80, message: 'Theirs' },
      ACTOR,
    );
    operator.expect(409);
    await page.getByRole('button', { name: 'Save' }).first().click();
    const conflict = page.locator('.conflict');
    await conflict.getByText('Also changed by them: Message').waitFor();
    await operator.requireAccessible();
    await conflict.getByRole('button', { name: 'Keep what is in force' }).click();
    await conflict.waitFor({ state: 'detached' });
    expect(await capacity.inputValue()).toBe('80');
    expect(await inForce(roomId)).toMatchObject({ capacity: 80, version: 2 });
    // And the next change is made against it.
    await capacity.fill('81');
    await page.getByRole('button', { name: 'Save' }).first().click();
    await eventually(async () =>
      expect(await inForce(roomId)).toMatchObject({ capacity: 81, message: 'Theirs', version: 3 }),
    );
  });

  it('of a concert and of a performance', async () => {
    const roomId = await stack.room({});
    const { concertId, optionIds } = await stack.concert({ roomId, seats: 20 });
    const { page } = operator;
    await operator.view(`concerts/${concertId}`);
    await page.getByText('Change the concert').click();
    const concert = page.locator('details', { hasText: 'Change the concert' });
    expect(await concert.getByLabel('Artist').inputValue()).toBe('Somebody');
    await concert.getByLabel('Name').fill('Another <i>evening</i>');
    await concert.getByLabel('Sale ends').fill('2031-02-01T09:00');
    await operator.requireAccessible();
    await concert.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Another <i>evening</i>' }).waitFor();
    await page.locator('a.room-card').click();
    await page.getByText('Change the performance').click();
    const performance = page.locator('details', { hasText: 'Change the performance' });
    await performance.getByLabel('Name').fill('Last night');
    await performance.getByLabel('Price (won)').fill('1500');
    await performance.getByLabel('Seats').fill('24');
    await performance.getByLabel('When').fill('2031-02-02T19:30');
    await operator.requireAccessible();
    await performance.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: /Last night/ }).waitFor();
    await page.getByRole('button', { name: 'Seat 24, available' }).waitFor();
    const { body } = await stack.api
      .get('/admin/concerts')
      .set(admin)
      .query({
        cursor: concertId - 1,
      });
    expect(body.items[0]).toMatchObject({
      concertName: 'Another <i>evening</i>',
      artist: 'Somebody',
      saleEndAt: '2031-02-01T09:00:00.000Z',
    });
    const options = await stack.api.get(`/admin/concerts/${concertId}/options`).set(admin);
    expect(options.body.items[0]).toMatchObject({
      optionId: optionIds[0],
      optionName: 'Last night',
      price: 1_500,
      capacityLimit: 24,
      performAt: '2031-02-02T19:30:00.000Z',
    });
  });
});

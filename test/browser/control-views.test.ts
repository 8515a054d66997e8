import type { TestBrowser } from '../support/browser.ts';
import { type Operator, signIn } from '../support/control-room.ts';
import { eventually } from '../support/eventually.ts';
import { onSite } from '../support/site.ts';
import type { Stack } from '../support/stack.ts';

const ACTOR = { name: '<b>op</b>', requestId: 'test' };
/** What people type, and what others make them type. */
const HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)> ‮شرير‬ 🎫'.padEnd(200, 'W');

describe("the control room's views", () => {
  let stack: Stack;
  let browser: TestBrowser;

  onSite({}, (site) => {
    ({ stack, browser } = site);
  });

  /** A room, a concert and a customer whose every text is hostile. */
  async function hostile() {
    const roomId = 'R'.repeat(64);
    const { rooms, line } = stack.services.waitingRoom;
    const settings = { name: HOSTILE, title: HOSTILE, message: `${HOSTILE}\n${HOSTILE}` };
    const made = await stack.room({ capacity: 1 });
    const { version: _, roomId: __, ...rest } = await rooms.get(made);
    await rooms.create(roomId, { ...rest, ...settings }, ACTOR);
    const { editing } = stack.services.catalog;
    const { concertId } = await editing.createConcert(
      {
        concertName: HOSTILE,
        artist: HOSTILE,
        roomId,
        saleBeginAt: new Date(Date.now() - 3_600_000),
        saleEndAt: new Date(Date.now() + 86_400_000),
      },
      ACTOR,
    );
    const { optionId } = await editing.createOption(
      concertId,
      {
        optionName: HOSTILE,
        performAt: new Date(Date.now() + 86_400_000),
        price: 1_000,
        capacityLimit: 30,
        refundUntil: null,
      },
      ACTOR,
    );
    const [customerId = 0] = await stack.customers(1);
    await stack.services.catalog.customers.update(customerId, { name: HOSTILE }, ACTOR);
    await line.enter({ roomId, customerId });
    return { roomId, concertId, optionId, customerId };
  }

  async function requireFits({ page }: Operator): Promise<void> {
    const beyond = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(beyond).toBeLessThanOrEqual(0);
  }

  it('show hostile text as text, fit a phone, and can be used by everybody, in both languages', async () => {
    const { roomId, concertId, optionId, customerId } = await hostile();
    const views = [
      { path: 'rooms', named: true },
      { path: `rooms/${roomId}`, named: true },
      { path: 'concerts', named: true },
      { path: `concerts/${concertId}`, named: true },
      { path: `concerts/${concertId}/${optionId}`, named: true },
      { path: `customers/${customerId}`, named: true },
      { path: 'audit', named: true },
      { path: 'checks', named: false },
      { path: 'crowd', named: false },
    ];
    for (const options of [
      { locale: 'ko-KR', width: 360, colorScheme: 'dark' },
      { locale: 'en-US', width: 1_280, colorScheme: 'light' },
    ] as const) {
      const operator = await signIn(await browser.visitor(options), stack);
      for (const { path, named } of views) {
        await operator.view(path);
        if (named) await operator.page.getByText(HOSTILE, { exact: false }).first().waitFor();
        if (path === 'checks') await operator.page.locator('.verdict').waitFor();
        await requireFits(operator);
        await operator.requireAccessible();
      }
      expect(
        await operator.page.evaluate('document.querySelectorAll("main img, main script").length'),
      ).toBe(0);
    }
  });

  it('previews what visitors will see, before and after it is saved', async () => {
    const roomId = await stack.room({});
    const operator = await signIn(await browser.visitor({ locale: 'en-US' }), stack);
    const { page } = operator;
    await operator.view(`rooms/${roomId}`);
    const preview = page.locator('.preview');
    await page.getByLabel('Title').fill(HOSTILE);
    await page.getByLabel('Message').fill('<b>Doors</b> open at eight');
    await page.getByLabel('Own colour').check();
    await page.locator('input[type=color]').fill('#ffee00');
    await preview.getByText(HOSTILE).waitFor();
    await preview.getByText('<b>Doors</b> open at eight').waitFor();
    const colours = await page.evaluate(
      `(({ backgroundColor, color }) => [backgroundColor, color])(getComputedStyle(document.querySelector('.preview-button')))`,
    );
    expect(colours).toEqual(['rgb(255, 238, 0)', 'rgb(0, 0, 0)']);
    await page.locator('section', { has: preview }).getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    expect(await stack.services.waitingRoom.rooms.get(roomId)).toMatchObject({
      title: HOSTILE,
      message: '<b>Doors</b> open at eight',
      colour: '#ffee00',
    });
  });

  it("find a customer's place and history, and end the place", async () => {
    const roomId = await stack.room({ capacity: 0 });
    const [customerId = 0] = await stack.customers(1);
    const { line } = stack.services.waitingRoom;
    await line.enter({ roomId, customerId });
    const operator = await signIn(await browser.visitor({ locale: 'en-US' }), stack);
    const { page } = operator;
    await operator.view('customers');
    await eventually(async () => {
      await page.getByLabel('Customer number').fill(String(customerId));
      await page.getByRole('button', { name: 'Find' }).click();
      await page.getByText('number 1').waitFor({ timeout: 2_000 });
    });
    await page.getByText('joined', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Remove' }).click();
    const question = page.getByRole('dialog', { name: 'End this customer’s place?' });
    await question.waitFor();
    await operator.requireAccessible();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    expect(await line.place(roomId, customerId)).toBeDefined();
    await page.getByRole('button', { name: 'Remove' }).click();
    await question.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('In no line.').waitFor();
    await page.getByText('removed by an operator').waitFor();
    expect(await line.place(roomId, customerId)).toBeUndefined();
  });
});

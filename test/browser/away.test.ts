import type { BrowserContext, Page, Response } from 'playwright-core';
import type { TestBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { onSite } from '../support/site.ts';
import { admin, type Stack } from '../support/stack.ts';

/** A headless page is never covered, so its own word for it is turned; timers run as they would in front. */
const TURNABLE = `(() => {
  let hidden = false;
  Object.defineProperty(document, 'hidden', { get: () => hidden });
  Object.defineProperty(document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') });
  globalThis.turnHidden = (now) => {
    hidden = now;
    document.dispatchEvent(new Event('visibilitychange'));
  };
})()`;

/** Writes down what the real notifications say. */
const LISTENED_TO = `(() => {
  globalThis.notified = [];
  globalThis.Notification = class extends Notification {
    constructor(title, options) {
      super(title, options);
      globalThis.notified.push(title + ': ' + options.body);
    }
  };
})()`;

describe('who does not look at the waiting room', () => {
  let stack: Stack;
  let browser: TestBrowser;

  onSite({ workers: 1 }, (site) => {
    ({ stack, browser } = site);
  });

  /** A room whose only slot is taken, with people in front of one's own place. */
  async function crowded(ahead: number, settings = {}) {
    const roomId = await stack.room({ capacity: 1, ...settings });
    const [first = 0, mine = 0, ...others] = await stack.customers(ahead + 2);
    const { line } = stack.services.waitingRoom;
    const enter = (customerId: number) => line.enter({ roomId, customerId });
    const places = [await enter(first), ...(await Promise.all(others.map(enter)))];
    const leave = (nth: number) => {
      const { customerId = 0, seq = 0 } = places[nth] ?? {};
      return line.leave({ roomId, customerId, seq, reason: 'left' });
    };
    return { roomId, mine, leave };
  }

  async function join(page: Page, roomId: string, customerId: number): Promise<void> {
    await page.goto(`${stack.url}/rooms/${roomId}`);
    await page.locator('input[name=customerId]').fill(String(customerId));
    await page.locator('button[type=submit]').click();
    await page.locator('.number').first().waitFor();
  }

  const number = async (page: Page): Promise<number> =>
    Number((await page.locator('.number').first().textContent())?.replace(/\D/g, ''));

  it('keeps the place and moves up in a hidden tab too, and is told of the turn by its title', async () => {
    const { roomId, mine, leave } = await crowded(1);
    const { page } = await browser.visitor({ locale: 'en-US' });
    await page.addInitScript(TURNABLE);
    await join(page, roomId, mine);
    await page.evaluate('turnHidden(true)');
    await leave(1);
    await eventually(async () => expect(await page.title()).toMatch(/^1 · /));
    await leave(0);
    await eventually(async () => expect(await page.title()).toMatch(/^● /));
    expect(await page.evaluate('document.visibilityState')).toBe('hidden');
  });

  it('catches up at once when shown, with what the operator says now, however long the next poll is away', async () => {
    const ahead = 400;
    const { roomId, mine, leave } = await crowded(ahead, {
      pollBudgetPerSecond: 1,
      graceSeconds: 600,
    });
    const { page } = await browser.visitor();
    const told: number[] = [];
    page.on('response', (response) => void pollAfterMs(response).then((ms) => told.push(ms)));
    await page.addInitScript(TURNABLE);
    await join(page, roomId, mine);
    await page.evaluate('turnHidden(true)');
    const before = await number(page);
    expect(before).toBeGreaterThan(ahead - 5);
    await Promise.all([1, 2, 3].map(leave));
    await stack.api
      .patch(`/admin/rooms/${roomId}`)
      .set(admin)
      .send({ version: 1, message: 'The bar is open' })
      .expect(200);
    await eventually(async () => {
      // Longer than this waits for it.
      expect(told.filter((ms) => ms > 0).every((ms) => ms > 30_000)).toBe(true);
      await page.evaluate('turnHidden(true)');
      await page.evaluate('turnHidden(false)');
      expect(await number(page)).toBe(before - 3);
      expect(await page.locator('.message').textContent({ timeout: 1_000 })).toBe(
        'The bar is open',
      );
    });
  });

  it('is told of the turn by a notification, for who asked for one and nobody else', async () => {
    const { roomId, mine, leave } = await crowded(0, { title: 'The line for tonight' });
    const [asks, does] = await Promise.all([
      browser.visitor({ locale: 'en-US' }),
      browser.visitor({ locale: 'en-US' }),
    ]);
    await allowNotifications(asks.context, does.context);
    await Promise.all([asks, does].map(({ page }) => page.addInitScript(LISTENED_TO)));
    await join(asks.page, roomId, mine);
    await join(does.page, roomId, mine);
    const choice = asks.page.getByRole('button', { name: 'Notification' });
    await choice.click();
    await eventually(async () => expect(await choice.getAttribute('aria-pressed')).toBe('true'));
    // The choice outlives a reload.
    await asks.page.reload();
    await eventually(async () => expect(await choice.getAttribute('aria-pressed')).toBe('true'));
    await asks.requireAccessible();
    await leave(0);
    for (const { page } of [asks, does]) await page.locator('.turn').waitFor();
    await eventually(async () =>
      expect(await asks.page.evaluate('notified')).toEqual([
        expect.stringMatching(/turn.*: The line for tonight$/i),
      ]),
    );
    expect(await does.page.evaluate('notified')).toEqual([]);
  });

  it('says so when the browser allows no notifications', async () => {
    const { roomId, mine } = await crowded(0);
    const { page, requireAccessible } = await browser.visitor({ locale: 'en-US' });
    await join(page, roomId, mine);
    const choice = page.getByRole('button', { name: 'Notification' });
    await choice.click();
    await page.getByText('Notifications are blocked in this browser.').waitFor();
    expect(await choice.getAttribute('aria-pressed')).toBe('false');
    await requireAccessible();
  });

  function allowNotifications(...contexts: BrowserContext[]) {
    const grant = (context: BrowserContext) =>
      context.grantPermissions(['notifications'], { origin: stack.url });
    return Promise.all(contexts.map(grant));
  }
});

/** What a poll was told; 0 for every other answer. */
async function pollAfterMs(response: Response): Promise<number> {
  if (!/\/customer\/waiting(\/enter)?$/.test(response.url()) || !response.ok()) return 0;
  const body: { pollAfterMs?: number } = await response.json().catch(() => ({}));
  return body.pollAfterMs ?? 0;
}

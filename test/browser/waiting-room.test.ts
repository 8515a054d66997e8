import type { Page, Request } from 'playwright-core';
import { NO_ANSWER, type TestBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { onSite } from '../support/site.ts';
import { admin, type Stack } from '../support/stack.ts';

/** HTML, script and style that the page loads before its number shows, compressed, in bytes. */
const FIRST_LOAD_BYTES_MAX = 15_000;

describe('the waiting room', () => {
  let stack: Stack;
  let browser: TestBrowser;

  onSite({ workers: 1 }, (site) => {
    ({ stack, browser } = site);
  });

  /** A room with people in front: one has the only slot, the others wait. */
  async function crowded(ahead: number, settings = {}) {
    const roomId = await stack.room({ capacity: 1, ...settings });
    const [first = 0, ...others] = await stack.customers(ahead + 3);
    const { line } = stack.services.waitingRoom;
    const slot = await line.enter({ roomId, customerId: first });
    const mine = others.splice(-2);
    const waiting = [];
    for (const customerId of others) waiting.push(await line.enter({ roomId, customerId }));
    const leave = (place: { customerId: number; seq: number }) =>
      line.leave({ roomId, customerId: place.customerId, seq: place.seq, reason: 'left' });
    return { roomId, slot, waiting, mine: [mine[0] ?? 0, mine[1] ?? 0] as const, leave };
  }

  async function join(page: Page, roomId: string, customerId: number): Promise<void> {
    await page.goto(`${stack.url}/rooms/${roomId}`);
    await page.locator('input[name=customerId]').fill(String(customerId));
    await page.locator('button[type=submit]').click();
  }

  const shows = (page: Page, number: number) =>
    eventually(async () => {
      const text = await page.locator('.number').first().textContent({ timeout: 2_000 });
      expect(text?.replace(/\D/g, '')).toBe(String(number));
    });

  it('keeps the place over reload, a closed tab and two tabs, and follows the line', async () => {
    const { roomId, waiting, mine, leave } = await crowded(4);
    const { page, context, requireAccessible } = await browser.visitor({ width: 360 });
    await join(page, roomId, mine[0]);
    await shows(page, 5);
    await requireAccessible();
    const before = Number(await page.locator('progress').getAttribute('value'));
    await page.reload();
    await shows(page, 5);
    const second = await context.newPage();
    await page.close();
    await second.goto(`${stack.url}/rooms/${roomId}`);
    await shows(second, 5);
    const third = await context.newPage();
    await third.goto(`${stack.url}/rooms/${roomId}`);
    if (waiting[0] && waiting[1]) await Promise.all([leave(waiting[0]), leave(waiting[1])]);
    await Promise.all([shows(second, 3), shows(third, 3)]);
    await second.getByText('줄을 선 뒤 2명만큼 앞으로 왔어요').waitFor();
    expect(Number(await second.locator('progress').getAttribute('value'))).toBeGreaterThan(before);
    expect(await second.title()).toMatch(/^3 · /);
    expect((await stack.services.waitingRoom.line.place(roomId, mine[0]))?.waitingNumber).toBe(3);
    // Leaving in one tab shows in the other.
    await second.getByText('줄에서 나가기').click();
    await second.getByText('나가기', { exact: true }).click();
    await Promise.all(
      [second, third].map((tab) => tab.locator('.number').waitFor({ state: 'detached' })),
    );
    expect(await stack.services.waitingRoom.line.place(roomId, mine[0])).toBeUndefined();
  });

  it('is tiny, and asks the API once before the number shows', async () => {
    const { roomId, mine } = await crowded(1);
    const { page } = await browser.visitor();
    await join(page, roomId, mine[0]);
    await shows(page, 2);
    const client = await page.context().newCDPSession(page);
    await client.send('Network.enable');
    await client.send('Network.clearBrowserCache');
    const loaded: Request[] = [];
    page.on('requestfinished', (request) => loaded.push(request));
    // Later polls are not answered: what is shown is what the first one said.
    let polls = 0;
    await page.route('**/customer/waiting', async (route) => {
      polls += 1;
      if (polls === 1) await route.continue();
    });
    await page.reload();
    await shows(page, 2);
    const isCall = (request: Request): boolean => request.resourceType() === 'fetch';
    const calls = loaded.filter(isCall);
    expect(calls.map((request) => request.url())).toEqual([`${stack.url}/customer/waiting`]);
    const files = loaded.filter((request) => !isCall(request));
    const sizes = await Promise.all(files.map((request) => request.sizes()));
    const bytes = sizes.reduce((sum, size) => sum + size.responseBodySize, 0);
    expect(bytes).toBeGreaterThan(5_000);
    expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_BYTES_MAX);
  });

  it('says that it is offline, keeps the place, and catches up at once', async () => {
    const { roomId, waiting, mine, leave } = await crowded(2);
    const visitor = await browser.visitor();
    const { page, context } = visitor;
    await join(page, roomId, mine[0]);
    await shows(page, 3);
    visitor.expect(NO_ANSWER);
    await context.setOffline(true);
    await page.getByText('연결이 끊겼어요').first().waitFor();
    await visitor.requireAccessible();
    await shows(page, 3);
    if (waiting[0]) await leave(waiting[0]);
    await context.setOffline(false);
    await shows(page, 2);
    await page.locator('.banner').waitFor({ state: 'detached' });
  });

  it('tells why nothing moves, with the words and colours of the operator as they change', async () => {
    const { roomId, mine } = await crowded(1);
    const { page, requireAccessible } = await browser.visitor({ locale: 'en-US' });
    await join(page, roomId, mine[0]);
    await shows(page, 2);
    const message = '<img src=x onerror=alert(1)><script>alert(1)</script> ‮evil‬ 🎫';
    await stack.api
      .patch(`/admin/rooms/${roomId}`)
      .set(admin)
      .send({ version: 1, state: 'PAUSED', message, title: '<b>Paused</b>', colour: '#006400' })
      .expect(200);
    await page.getByText('Entry is paused', { exact: true }).waitFor();
    await page.getByText(message).waitFor();
    expect(await page.textContent('h1')).toBe('<b>Paused</b>');
    await eventually(async () =>
      expect(
        await page.evaluate(
          "getComputedStyle(document.documentElement).getPropertyValue('--accent')",
        ),
      ).toBe('#006400'),
    );
    await page
      .getByRole('status')
      .getByText('Entry is paused', { exact: false })
      .waitFor({ state: 'attached' });
    await requireAccessible();
    await stack.api
      .patch(`/admin/rooms/${roomId}`)
      .set(admin)
      .send({ version: 2, state: 'CLOSED' })
      .expect(200);
    await page.getByText('The line is closed to newcomers').waitFor();
  });

  it('announces the turn and leads into the shop', async () => {
    const { roomId, slot, mine, leave } = await crowded(0);
    const { concertId } = await stack.concert({ roomId });
    const { page, requireAccessible } = await browser.visitor();
    await join(page, roomId, mine[0]);
    await page.getByText('바로 다음 차례예요').first().waitFor();
    const sound = page.getByRole('button', { name: '소리' });
    await sound.click();
    expect(await sound.getAttribute('aria-pressed')).toBe('true');
    await leave(slot);
    await page.getByRole('heading', { name: '입장하실 차례예요!' }).waitFor();
    expect(await page.title()).toContain('입장하실 차례예요!');
    await page.getByRole('status').getByText('입장하실 차례예요!').waitFor({ state: 'attached' });
    await requireAccessible();
    await page.getByRole('link', { name: '좌석 고르러 가기' }).click();
    await page.waitForURL(`${stack.url}/concerts/${concertId}`);
  });

  it('says when it opens, when it is full and when it is closed', async () => {
    const opening = await stack.room({ opensAt: new Date(Date.now() + 3_600_000) });
    const full = await stack.room({ capacity: 0, waitingMax: 0 });
    const closed = await stack.room({ state: 'CLOSED' });
    const [customerId = 0] = await stack.customers(1);
    const visitor = await browser.visitor({ width: 360, locale: 'en-US', colorScheme: 'dark' });
    const { page } = visitor;
    await join(page, opening, customerId);
    await page.getByText(/People enter in order in (1:00:00|59:\d\d)/).waitFor();
    await visitor.requireAccessible();
    visitor.expect(429, 403, 404);
    await join(page, full, customerId);
    await page.getByText('The room is full.').waitFor();
    await page.getByText(/We try again by ourselves in/).waitFor();
    await visitor.requireAccessible();
    await join(page, closed, customerId);
    await page.getByText('The room is closed.').waitFor();
    await join(page, closed, 999_999_999);
    await page.getByText('There is no such customer.').waitFor();
    await page.goto(`${stack.url}/rooms/no-such-room`);
    await page.getByText('There is no such room.').waitFor();
    await visitor.requireAccessible();
  });

  it.each([
    ['ko-KR', 'light'],
    ['en-US', 'dark'],
  ] as const)('fits 360 px whatever the operator writes: %s, %s', async (locale, colorScheme) => {
    const title = `${'W'.repeat(150)} <script>alert(1)</script> مرحبا 🎤`;
    const { roomId, mine } = await crowded(1, { title, message: 'M'.repeat(2_000) });
    const { page } = await browser.visitor({ width: 360, height: 640, locale, colorScheme });
    await join(page, roomId, mine[0]);
    await shows(page, 2);
    expect(await page.textContent('h1')).toBe(title);
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(overflow)).toBe(0);
  });

  it('counts the line anew after Redis was lost, and has its place in it', async () => {
    const { roomId, mine } = await crowded(1, { graceSeconds: 8, capacity: 0 });
    const { page } = await browser.visitor();
    await join(page, roomId, mine[0]);
    await shows(page, 3);
    await stack.services.redis.flushall();
    await page.getByText('순서를 다시 확인하고 있어요').first().waitFor();
    // Nobody else polls here, so nobody else came back.
    await shows(page, 1);
  });
});

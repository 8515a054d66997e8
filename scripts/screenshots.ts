import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type DemoFoyer, startDemoFoyer } from './screenshots/demo-foyer.ts';

const IMAGES = join('docs', 'images');
const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'];
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 900, height: 1_000 };
const WIDE = { width: 1_200, height: 1_120 };
/** The line is long enough to look like one, and moves within seconds. */
const CROWD = 1_400;
const CAPACITY = 60;
const PATIENCE_MS = 90_000;

/** Draws every picture; each leaves the Foyer as the next one needs it. */
export async function takeScreenshots(say: (text: string) => void): Promise<void> {
  mkdirSync(IMAGES, { recursive: true });
  say('starting a Foyer for the pictures');
  const foyer = await startDemoFoyer();
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGS });
  try {
    await foyer.send('PATCH', '/admin/rooms/main', {
      version: 1,
      capacity: CAPACITY,
      title: 'The line for tonight',
      message: 'Four tickets a person tonight. Your seats are yours once they are paid.',
    });
    await shop(foyer, browser);
    say('drew the shop');
    await foyer.send('POST', '/admin/demo/crowd', { count: CROWD });
    await waitingRoom(foyer, browser);
    say('drew the waiting room');
    await controlRoom(foyer, browser);
    say('drew the control room');
  } finally {
    await browser.close();
    await foyer.stop();
  }
}

/** The seat map, with seats that others hold or have bought and three of one's own choice. */
async function shop(foyer: DemoFoyer, browser: Browser): Promise<void> {
  for (const [customerId, seats, paid] of [
    [901, [4, 5, 6, 7], true],
    [902, [14, 15, 16], true],
    [903, [25, 26], false],
    [904, [27, 28], true],
    [905, [36, 38], false],
  ] as const) {
    await buy(foyer, { customerId, seats, paid });
  }
  const page = await open(foyer, browser, { viewport: DESKTOP, customerId: 17 });
  await page.locator('.turn a.button').click();
  await page.locator('.date').first().click();
  for (const seatId of [17, 18, 19]) {
    await page.getByRole('button', { name: `Seat ${seatId},` }).click();
  }
  await save(page, 'shop');
}

async function buy(
  foyer: DemoFoyer,
  order: { customerId: number; seats: readonly number[]; paid: boolean },
): Promise<void> {
  const { customerId, seats, paid } = order;
  const { token } = await foyer.post<{ token: string }>('/customer/waiting/enter', {
    customerId,
    roomId: 'main',
  });
  const performances = seats.map((seatId) => ({ optionId: 1, seatId }));
  const reserver = { customerId, reserverName: `Customer ${customerId}` };
  const held = await foyer.post<{ total: number }>(
    '/reservation/reserve',
    { reserver, concertId: 1, performances },
    token,
  );
  const pay = [{ payMethod: 'POINT', payAmount: held.total }];
  if (paid) await foyer.post('/reservation/pay', { customerId, pay }, token);
}

/** A phone in the line, once enough people have gone in for an honest estimate. */
async function waitingRoom(foyer: DemoFoyer, browser: Browser): Promise<void> {
  const page = await open(foyer, browser, { viewport: PHONE, customerId: 42 });
  await page.getByText(/^about|^less than/).waitFor({ timeout: PATIENCE_MS });
  await page.getByText('You have moved up').waitFor({ timeout: PATIENCE_MS });
  await save(page, 'waiting-room');
}

/** An operator who looks at the line, and tries out what more capacity would do to it. */
async function controlRoom(foyer: DemoFoyer, browser: Browser): Promise<void> {
  const context = await browser.newContext({ viewport: WIDE, locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(`${foyer.url}/admin#/rooms/main`);
  await page.getByLabel('Admin key').fill(foyer.adminKey);
  await page.keyboard.press('Enter');
  await page.getByLabel('Capacity', { exact: true }).fill(String(CAPACITY * 2));
  await page.getByRole('img', { name: /Real \d/ }).waitFor({ timeout: PATIENCE_MS });
  const effect = page.locator('.effect b').nth(1);
  await effect.filter({ hasText: /\d min/ }).waitFor({ timeout: PATIENCE_MS });
  await save(page, 'control-room');
}

/** A browser of its own, in the room's line as that customer. */
async function open(
  foyer: DemoFoyer,
  browser: Browser,
  visitor: { viewport: { width: number; height: number }; customerId: number },
): Promise<Page> {
  const { viewport, customerId } = visitor;
  const context = await browser.newContext({ viewport, locale: 'en-GB', deviceScaleFactor: 1.5 });
  const page = await context.newPage();
  await page.goto(`${foyer.url}/rooms/main`);
  await page.getByLabel('Customer number').fill(String(customerId));
  await page.getByRole('button', { name: 'Join the line' }).click();
  return page;
}

async function save(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
}

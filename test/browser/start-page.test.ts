import { launchBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { createProcesses } from '../support/process.ts';

describe('the start page of a fresh start', () => {
  const processes = createProcesses();
  afterAll(() => processes.close());

  it('leads everywhere, and shows a newcomer a line that moves, without a second terminal', async () => {
    const started = await processes.run('main');
    await processes.ready(started);
    const browser = await launchBrowser(started.url);
    const [, key = ''] = await eventually(() => {
      const printed = /Admin key {5}(\S+)/.exec(started.output());
      if (!printed) throw new Error(started.output());
      return printed;
    });

    const korean = await browser.visitor({ width: 360, colorScheme: 'dark' });
    await korean.page.goto(started.url);
    await korean.page.getByText('가상 인파 들여보내기').waitFor();
    await korean.requireAccessible();
    expect(
      await korean.page.evaluate('document.documentElement.scrollWidth - innerWidth'),
    ).toBeLessThanOrEqual(0);

    const operator = await browser.visitor({ locale: 'en-US' });
    const { page } = operator;
    await page.goto(started.url);
    await operator.requireAccessible();
    for (const path of ['/rooms/main', '/concerts', '/admin', '/docs']) {
      expect((await page.request.get(started.url + path, NAVIGATION)).status()).toBe(200);
      expect(await page.locator(`a[href="${path}"]`).count()).toBe(1);
    }
    await page.getByRole('link', { name: 'Let a crowd in' }).click();
    await page.getByLabel('Admin key').fill(key);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Let 300 people in' }).click();
    await page.getByText('300 people are coming.').waitFor();
    const waiting = async (): Promise<number> =>
      Number((await page.locator('.huge').textContent())?.replace(/\D/g, ''));
    await eventually(async () => expect(await waiting()).toBeGreaterThan(100));

    // Who joins behind the crowd sees the number fall.
    await korean.page.goto(`${started.url}/rooms/main`);
    await korean.page.locator('input[name=customerId]').fill('7');
    await korean.page.locator('button[type=submit]').click();
    await korean.page.locator('.number').first().waitFor();
    await korean.page.locator('.moved').waitFor();
    await browser.leave();
    await browser.close();
    expect(await processes.stop(started, 'SIGTERM')).toBe(0);
  });
});

const NAVIGATION = { headers: { Accept: 'text/html' } };

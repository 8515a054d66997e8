import type { TestBrowser } from '../support/browser.ts';
import { createShopping, type Shopping } from '../support/shopping.ts';
import { onSite } from '../support/site.ts';
import type { Stack } from '../support/stack.ts';

const SHORT_HOLD_SECONDS = 8;

describe('time in the shop', () => {
  let stack: Stack;
  let browser: TestBrowser;
  let shopping: Shopping;

  onSite({ workers: 1, env: { HOLD_SECONDS: String(SHORT_HOLD_SECONDS) } }, (site) => {
    ({ stack, browser } = site);
    shopping = createShopping(stack);
  });

  it('counts a hold down over a reload, and says that it is over', async () => {
    const { roomId, customers } = await shopping.sale();
    const { page, requireAccessible } = await browser.visitor({ locale: 'en-US', width: 360 });
    await shopping.goShopping(page, { roomId, customerId: customers[0] });
    await shopping.seat(page, 2).click();
    await shopping.holdButton(page).click();
    const clock = page.locator('.checkout .clock');
    await clock.waitFor();
    await page.reload();
    expect(await clock.textContent()).toMatch(/^0:0[0-8]$/);
    await page.getByText('Your seats are about to be released').waitFor();
    await page.getByText('The time to pay ran out').waitFor();
    await requireAccessible();
    await shopping.seat(page, 2).and(page.getByLabel('Seat 2, Available')).waitFor();
    await shopping.holdButton(page).waitFor();
  });

  it('warns before the slot ends, and leads back into the line after it', async () => {
    const { roomId, customers } = await shopping.sale({
      room: { slotSeconds: 4, graceSeconds: 8 },
    });
    const { page, requireAccessible } = await browser.visitor();
    await shopping.goShopping(page, { roomId, customerId: customers[0] });
    await page.getByText('곧 입장 시간이 끝나요').waitFor();
    await requireAccessible();
    await page.getByText('좌석을 고르려면 다시 줄을 서 주세요.').waitFor();
    await page.getByRole('link', { name: '대기실로 가기' }).first().click();
    await page.waitForURL(`${stack.url}/rooms/${roomId}`);
  });
});

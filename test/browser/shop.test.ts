import jsQR from 'jsqr';
import type { Page } from 'playwright-core';
import { NO_ANSWER, type TestBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { createShopping, type Shopping } from '../support/shopping.ts';
import { onSite } from '../support/site.ts';
import { admin, type Stack } from '../support/stack.ts';
import { tabTo } from '../support/tab-to.ts';

const CODE_SIZE = 300;
/**
 * The first code in the page as a camera would see it: a byte of brightness for each pixel, as one base64 text. As
 * numbers they would keep this process, and the server in it, busy for seconds.
 */
const PIXELS = `(async () => {
  const svg = new XMLSerializer().serializeToString(document.querySelector('svg.qr'));
  const image = new Image(${CODE_SIZE}, ${CODE_SIZE});
  image.src = 'data:image/svg+xml,' + encodeURIComponent(svg);
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width: ${CODE_SIZE}, height: ${CODE_SIZE} });
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0, ${CODE_SIZE}, ${CODE_SIZE});
  const { data } = context.getImageData(0, 0, ${CODE_SIZE}, ${CODE_SIZE});
  const red = data.filter((_, at) => at % 4 === 0);
  return btoa(Array.from(red, (value) => String.fromCharCode(value)).join(''));
})()`;

/** What the first code in the page says. */
async function readCode(page: Page): Promise<string | undefined> {
  const brightness = Buffer.from(await page.evaluate<string>(PIXELS), 'base64');
  const pixels = Uint8ClampedArray.from([...brightness].flatMap((one) => [one, one, one, 255]));
  return jsQR.default(pixels, CODE_SIZE, CODE_SIZE)?.data;
}

describe('the shop', () => {
  let stack: Stack;
  let browser: TestBrowser;
  let shopping: Shopping;

  onSite({ workers: 1 }, (site) => {
    ({ stack, browser } = site);
    shopping = createShopping(stack);
  });

  it('sells seats to two people: one loses a seat, keeps the others, and both get tickets', async () => {
    const { roomId, concertId, customers } = await shopping.sale();
    const anna = await browser.visitor({ width: 360, height: 740 });
    const ben = await browser.visitor({ locale: 'en-US', colorScheme: 'dark' });
    await shopping.goShopping(anna.page, { roomId, customerId: customers[0] });
    await shopping.goShopping(ben.page, { roomId, customerId: customers[1] });
    for (const seatId of [1, 2, 3]) await shopping.seat(anna.page, seatId).click();
    for (const seatId of [1, 4, 5]) await shopping.seat(ben.page, seatId).click();
    await anna.requireAccessible();
    await shopping.holdButton(anna.page).click();
    await anna.page.getByRole('heading', { name: '결제하기' }).waitFor();
    // Seen live, without a tap.
    await ben.page.getByText('Somebody was faster with seat 1.').waitFor();
    await ben.page.getByText('Seats 4, 5').waitFor();
    await ben.requireAccessible();
    expect(await shopping.seat(ben.page, 1).getAttribute('aria-label')).toBe('Seat 1, Being paid');
    await anna.requireAccessible();
    await anna.page.getByRole('button', { name: '3,000원 결제하기' }).click();
    await anna.page.getByText('예매가 끝났어요!').waitFor();
    expect(await anna.page.locator('svg.qr').count()).toBe(3);
    await anna.requireAccessible();
    const [, path = ''] = (await readCode(anna.page))?.split(stack.url) ?? [];
    const { body: ticket } = await stack.api.get(path).set(admin).expect(200);
    expect(ticket).toMatchObject({ live: true, seatId: 1, customerId: customers[0], concertId });
    await shopping.holdButton(ben.page).click();
    await ben.page.getByRole('button', { name: 'Pay ₩2,000' }).click();
    await ben.page.getByText('You are going!').waitFor();
    await ben.page.getByText('Seat 4', { exact: true }).waitFor();
    await ben.requireAccessible();
  });

  it('tells at the tap which seat is lost, when the map could not say so in time', async () => {
    const { roomId, concertId, optionIds, customers } = await shopping.sale();
    const visitor = await browser.visitor();
    const { page } = visitor;
    await shopping.goShopping(page, { roomId, customerId: customers[0] });
    for (const seatId of [7, 8]) await shopping.seat(page, seatId).click();
    visitor.expect(409, NO_ANSWER);
    await page.route('**/seats', (route) => route.abort());
    await page.getByText('좌석 상태를 새로 받지 못하고 있어요').waitFor();
    const other = await stack.activate(roomId, customers[1]);
    await stack.api
      .post('/reservation/reserve')
      .set(other.headers)
      .send({
        reserver: { customerId: other.customerId, reserverName: 'Other' },
        concertId,
        performances: [{ optionId: optionIds[0], seatId: 7 }],
      })
      .expect(200);
    await shopping.holdButton(page).click();
    await page.getByText('7번 좌석은 다른 분이 먼저 잡았어요.').waitFor();
    await page.getByText('8번', { exact: true }).waitFor();
    await shopping.holdButton(page).click();
    await page.getByRole('heading', { name: '결제하기' }).waitFor();
  });

  it('helps who has too few points, and gives everything back by a refund', async () => {
    const { roomId, customers } = await shopping.sale({ price: 5_000, points: 1_000 });
    const visitor = await browser.visitor();
    const { page } = visitor;
    await shopping.goShopping(page, { roomId, customerId: customers[0] });
    await shopping.seat(page, 3).click();
    visitor.expect(402);
    await shopping.holdButton(page).click();
    await page.getByText('포인트가 부족해요').waitFor();
    await visitor.requireAccessible();
    expect(await page.getByLabel('충전할 포인트 (원)').inputValue()).toBe('4000');
    await page.getByRole('button', { name: '충전' }).click();
    await page.getByText('포인트가 부족해요').waitFor({ state: 'detached' });
    await shopping.holdButton(page).click();
    await page.getByRole('heading', { name: '결제하기' }).waitFor();
    await page.goto(`${stack.url}/tickets`);
    await page.getByRole('button', { name: '5,000원 결제하기' }).click();
    await page.getByText('예매가 끝났어요!').waitFor();
    await page.getByRole('button', { name: '환불하기' }).click();
    await visitor.requireAccessible();
    await page.getByRole('button', { name: '환불받기' }).click();
    await page.getByText('환불됨').waitFor();
    await page.getByText('5,000원').waitFor();
    await visitor.requireAccessible();
  });

  it('leads who has no slot any more to the waiting room', async () => {
    const { roomId, customers } = await shopping.sale();
    const visitor = await browser.visitor({ locale: 'en-US' });
    const { page } = visitor;
    await shopping.goShopping(page, { roomId, customerId: customers[0] });
    await shopping.seat(page, 4).click();
    visitor.expect(403);
    await stack.api
      .delete(`/admin/rooms/${roomId}/places/${customers[0]}`)
      .set(admin)
      .expect((reply) => expect(reply.status).toBeLessThan(300));
    await shopping.holdButton(page).click();
    const link = page.locator('.refusal').getByRole('link', { name: 'Go to the waiting room' });
    expect(await link.getAttribute('href')).toBe(`/rooms/${roomId}`);
  });

  it('shows what others wrote as text, fits 360 px, and works by keyboard', async () => {
    const hostile = `<script>alert(1)</script><img src=x onerror=alert(1)> مرحبا 🎸 ${'W'.repeat(120)}`;
    const { roomId, concertId, optionIds, customers } = await shopping.sale();
    await stack.api
      .patch(`/admin/concerts/${concertId}`)
      .set(admin)
      .send({ concertName: hostile, artist: hostile })
      .expect(200);
    await stack.api
      .patch(`/admin/concerts/${concertId}/options/${optionIds[0]}`)
      .set(admin)
      .send({ optionName: hostile })
      .expect(200);
    const visitor = await browser.visitor({ width: 360, height: 740, colorScheme: 'dark' });
    const { page } = visitor;
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    await page.goto(`${stack.url}/concerts`);
    await page.getByText(hostile).first().waitFor();
    expect(await page.evaluate(overflow)).toBe(0);
    await visitor.requireAccessible();
    await shopping.goShopping(page, { roomId, customerId: customers[0] });
    expect(await page.textContent('h1')).toBe(hostile);
    expect(await page.evaluate(overflow)).toBe(0);
    await page.getByLabel('예매자 이름').fill(hostile.slice(0, 100));
    await shopping.seat(page, 1).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByText('2번', { exact: true }).waitFor();
    await shopping.holdButton(page).focus();
    await page.keyboard.press('Enter');
    await page.locator('.checkout .button.big').click();
    await page.getByText(hostile.slice(0, 100), { exact: true }).waitFor();
    expect(await page.evaluate(overflow)).toBe(0);
    await visitor.requireAccessible();
  });

  it('sells to who has a keyboard alone, and always shows where it is', async () => {
    const { roomId, customers } = await shopping.sale();
    const { page } = await browser.visitor({ locale: 'en-US' });
    const { keyboard } = page;
    await page.goto(`${stack.url}/rooms/${roomId}`);
    await tabTo(page, 'input[name=customerId]');
    await keyboard.type(String(customers[0]));
    await keyboard.press('Enter');
    await page.locator('.turn a.button').waitFor();
    await tabTo(page, '.turn a.button');
    await keyboard.press('Enter');
    await shopping.seat(page, 1).waitFor();
    await tabTo(page, 'button.seat');
    await keyboard.press('ArrowRight');
    await keyboard.press('Space');
    await keyboard.press('ArrowRight');
    await keyboard.press('Enter');
    await page.getByText('Seats 2, 3', { exact: true }).waitFor();
    await tabTo(page, '.hold-bar button');
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Pay' }).and(page.locator(':focus')).waitFor();
    await page.locator('.checkout .button.big:enabled').waitFor();
    await tabTo(page, '.checkout .button.big');
    await keyboard.press('Space');
    await page.getByText('You are going!').waitFor();
    await tabTo(page, 'main button, main a');
  });

  it('asks who it is before it shows tickets, and tells what it does not know', async () => {
    const [customerId = 0] = await stack.customers(1, 500);
    const visitor = await browser.visitor({ width: 360, locale: 'en-US' });
    const { page } = visitor;
    await page.goto(`${stack.url}/tickets`);
    await visitor.requireAccessible();
    visitor.expect(404);
    await page.getByLabel('Customer number').fill('999999999');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('There is no such customer number.').waitFor();
    await page.getByLabel('Customer number').fill(String(customerId));
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('You have no tickets yet.').waitFor();
    await visitor.requireAccessible();
    await page.goto(`${stack.url}/concerts/999999`);
    await page.getByText('This concert cannot be found.').waitFor();
    await visitor.requireAccessible();
  });

  it('follows live what others hold', async () => {
    const { roomId, concertId, optionIds, customers } = await shopping.sale();
    const { page } = await browser.visitor();
    await page.goto(`${stack.url}/concerts/${concertId}`);
    await shopping.seat(page, 1).waitFor();
    const other = await stack.activate(roomId, customers[1]);
    await stack.api
      .post('/reservation/reserve')
      .set(other.headers)
      .send({
        reserver: { customerId: other.customerId, reserverName: 'Other' },
        concertId,
        performances: [{ optionId: optionIds[0], seatId: 9 }],
      })
      .expect(200);
    await eventually(async () =>
      expect(await shopping.seat(page, 9).getAttribute('aria-label')).toBe('좌석 9, 결제 중'),
    );
  });
});

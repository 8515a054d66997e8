import jwt from 'jsonwebtoken';
import type { TestBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { onSite } from '../support/site.ts';
import type { Stack } from '../support/stack.ts';

const SHOP_SECRET = 'a-secret-that-the-shop-signs-its-customers-with';

describe('the waiting room without script', () => {
  let stack: Stack;
  let browser: TestBrowser;

  onSite({ workers: 1 }, (site) => {
    ({ stack, browser } = site);
  });

  it('gives a place, refreshes by itself, keeps it, and tells the turn', async () => {
    const hostile = '<script>alert(1)</script> مرحبا 🎫';
    const roomId = await stack.room({ capacity: 1, title: hostile, message: hostile });
    const { concertId } = await stack.concert({ roomId });
    const [first = 0, customerId = 0] = await stack.customers(2);
    const { line } = stack.services.waitingRoom;
    const slot = await line.enter({ roomId, customerId: first });
    const visitor = await browser.visitor({ javaScriptEnabled: false, width: 360 });
    const { page } = visitor;
    await page.goto(`${stack.url}/rooms/${roomId}`);
    await page.locator('input[name=customerId]').fill('999999999');
    visitor.expect(404);
    await page.getByRole('button').click();
    await page.getByText('고객을 찾을 수 없습니다.').waitFor();
    await page.locator('input[name=customerId]').fill(String(customerId));
    await page.getByRole('button').click();
    expect(await page.locator('.number').textContent()).toBe('1');
    expect(await page.textContent('h1')).toBe(hostile);
    expect((await line.place(roomId, customerId))?.waitingNumber).toBe(1);
    await line.leave({ roomId, customerId: first, seq: slot.seq, reason: 'left' });
    // Nobody touches it: the page comes back by itself.
    const link = page.getByRole('link', { name: '좌석 고르러 가기' });
    await link.waitFor();
    expect(await link.getAttribute('href')).toBe(`/concerts/${concertId}`);
  });

  it('tells why nothing moves: not open yet, paused, closed to newcomers', async () => {
    const roomId = await stack.room({ opensAt: new Date(Date.now() + 7_200_000) });
    const [customerId = 0] = await stack.customers(1);
    const { page } = await browser.visitor({ javaScriptEnabled: false, locale: 'en-US' });
    await page.goto(`${stack.url}/rooms/${roomId}`);
    await page.locator('input[name=customerId]').fill(String(customerId));
    await page.getByRole('button').click();
    await page.getByText('People enter in order in 2 hours.').waitFor();
    const { rooms } = stack.services.waitingRoom;
    const told = (sentence: string) =>
      eventually(async () => {
        await page.reload();
        expect(await page.locator('.notice').textContent()).toContain(sentence);
      });
    const actor = { name: 'test', requestId: 'test' };
    await rooms.patch(roomId, 1, { state: 'PAUSED' }, actor);
    await told('Entry is paused for a moment.');
    await rooms.patch(roomId, 2, { state: 'CLOSED', opensAt: null, capacity: 0 }, actor);
    await told('The line is closed to newcomers.');
  });

  it('can be scanned without fault, with and without a place', async () => {
    const roomId = await stack.room({ capacity: 0, colour: '#ffee00' });
    const [customerId = 0] = await stack.customers(1);
    // Axe is a script, so this visitor runs some; the page has none.
    const { page, requireAccessible } = await browser.visitor({ locale: 'en-US' });
    await page.goto(`${stack.url}/rooms/${roomId}/plain`);
    await requireAccessible();
    await page.getByLabel('Customer number').fill(String(customerId));
    await page.getByRole('button', { name: 'Join the line' }).click();
    await page.getByText('Your number in line').waitFor();
    // Without script, refreshing is how a place is kept; axe advises against it.
    await requireAccessible(['meta-refresh']);
  });

  it('takes a bare customer number only from a page of this host', async () => {
    const roomId = await stack.room();
    const [customerId = 0] = await stack.customers(1);
    const send = (headers: Record<string, string>) =>
      stack.api
        .post(`/rooms/${roomId}`)
        .set({ Accept: 'text/html', ...headers })
        .type('form')
        .send({ customerId, plain: '1' });
    for (const headers of [
      {},
      { Origin: 'https://elsewhere.example' },
      { Origin: 'null' },
      { 'Sec-Fetch-Site': 'cross-site', Origin: stack.url },
      { 'Sec-Fetch-Site': 'same-site' },
    ]) {
      const refused = await send(headers);
      expect([headers, refused.status, refused.headers['set-cookie']]).toEqual([
        headers,
        403,
        undefined,
      ]);
    }
    expect(await stack.services.waitingRoom.line.place(roomId, customerId)).toBeUndefined();
    await send({ Origin: stack.url }).expect(303);
    await send({ 'Sec-Fetch-Site': 'same-origin' }).expect(303);
  });
});

describe('a shop that signs its own customers', () => {
  let stack: Stack;
  let browser: TestBrowser;

  onSite(
    {
      env: { CUSTOMER_AUTH: 'jwt', CUSTOMER_JWT_SECRET: SHOP_SECRET },
    },
    (site) => {
      ({ stack, browser } = site);
    },
  );

  it('hands a visitor over by a form: the place is taken up, and no token stands in a URL', async () => {
    const roomId = await stack.room({ capacity: 0 });
    const [customerId = 0] = await stack.customers(1);
    const identity = jwt.sign({}, SHOP_SECRET, { subject: String(customerId), expiresIn: 60 });
    const { page } = await browser.visitor();
    const urls: string[] = [];
    page.on('request', (request) => urls.push(request.url()));
    await page.goto(`${stack.url}/rooms/${roomId}`);
    await page.getByText('예매처에서 들어와 주세요').waitFor();
    // The shop's page: a form on another origin that sends itself.
    await page.goto('about:blank');
    await page.setContent(`<form method="post" action="${stack.url}/rooms/${roomId}">
      <input name="identity" value="${identity}"><button>Buy</button></form>`);
    await page.getByRole('button').click();
    await page.locator('.number').waitFor();
    expect(page.url()).toBe(`${stack.url}/rooms/${roomId}`);
    expect(urls.filter((url) => url.includes(identity))).toEqual([]);
    const place = await stack.services.waitingRoom.line.place(roomId, customerId);
    expect(place?.waitingNumber).toBe(1);
    await page.reload();
    await page.locator('.number').waitFor();
  });

  it('gives no place without a token that it signed', async () => {
    const roomId = await stack.room();
    const [customerId = 0] = await stack.customers(1);
    for (const fields of [
      { customerId },
      { identity: jwt.sign({}, `not-${SHOP_SECRET}`, { subject: '1', expiresIn: 60 }) },
    ]) {
      await stack.api
        .post(`/rooms/${roomId}`)
        .set({ Accept: 'text/html', Origin: stack.url })
        .type('form')
        .send(fields)
        .expect(401);
    }
    expect(await stack.services.waitingRoom.line.place(roomId, customerId)).toBeUndefined();
  });
});

import type { TestBrowser } from '../support/browser.ts';
import { onSite } from '../support/site.ts';
import type { Stack } from '../support/stack.ts';

const NAVIGATION = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

describe('the pages', () => {
  let stack: Stack;
  let browser: TestBrowser;
  let roomId: string;

  onSite({}, async (site) => {
    ({ stack, browser } = site);
    roomId = await stack.room({ title: 'An <b>evening</b>', colour: '#aa0000' });
  });

  it('are pages for browsers that navigate, and JSON for everybody else', async () => {
    const page = await stack.api.get('/concerts').set('Accept', NAVIGATION).expect(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['vary']).toContain('Accept');
    for (const accept of ['*/*', 'application/json', 'application/json, text/html']) {
      const json = await stack.api.get('/concerts').set('Accept', accept).expect(200);
      expect(json.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(json.headers['vary']).toContain('Accept');
    }
  });

  it('come under a policy without inline scripts, framing or other hosts', async () => {
    const paths = [`/rooms/${roomId}`, '/concerts', '/concerts/1', '/tickets', '/admin'];
    for (const path of paths) {
      const { headers, text } = await stack.api.get(path).set('Accept', NAVIGATION).expect(200);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(text).not.toMatch(/<script(?![^>]*\ssrc=)| style="| on\w+="|https?:/);
    }
  });

  it('serve hashed files for ever, compressed, and unchanged ones as 304', async () => {
    const { text } = await stack.api.get('/concerts').set('Accept', NAVIGATION);
    const [script = ''] = /\/assets\/web\/shop-[\w-]+\.js/.exec(text) ?? [];
    for (const coding of ['br', 'gzip']) {
      const file = await stack.api.get(script).set('Accept-Encoding', coding).expect(200);
      expect(file.headers).toMatchObject({
        'cache-control': 'public, max-age=31536000, immutable',
        'content-encoding': coding,
        vary: 'Accept-Encoding',
      });
      const etag = String(file.headers['etag']);
      await stack.api.get(script).set('If-None-Match', etag).expect(304);
    }
    await stack.api.get('/assets/web/../../package.json').expect(404);
    await stack.api.get('/assets/web/manifest.json').expect(404);
  });

  it("show the room's title as text and its colour, in both languages", async () => {
    for (const [locale, label] of [
      ['ko-KR', '고객 번호'],
      ['en-US', 'Customer number'],
    ] as const) {
      const visitor = await browser.visitor({ locale });
      await visitor.page.goto(`${stack.url}/rooms/${roomId}`);
      await visitor.page.getByLabel(label).waitFor();
      expect(await visitor.page.textContent('h1')).toBe('An <b>evening</b>');
      const background = await visitor.page.evaluate(
        "getComputedStyle(document.querySelector('button')).backgroundColor",
      );
      expect(background).toBe('rgb(170, 0, 0)');
      await visitor.requireAccessible();
    }
  });
});

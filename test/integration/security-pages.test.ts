import { type Stack, startStack } from '../support/stack.ts';

/** What every answer tells a browser, pages above all. */
describe('security headers', () => {
  let stack: Stack;
  let roomId: string;
  beforeAll(async () => {
    stack = await startStack();
    roomId = await stack.room({
      title: '</title><script>alert(1)</script>',
      message: '"><img src=x onerror=alert(1)>',
    });
  });
  afterAll(() => stack.close());

  const html = { Accept: 'text/html,application/xhtml+xml' };
  const pages = [
    '/',
    '/docs',
    '/admin',
    '/concerts',
    '/concerts/1',
    '/tickets',
    '/rooms/ROOM',
    '/rooms/ROOM/plain',
  ];
  const others = [
    '/rooms/no-such-room',
    '/nothing/here',
    '/health/live',
    '/openapi.json',
    '/customer/waiting',
  ];

  it.each([...pages, ...others])(
    'stand on %s, with a policy that runs no inline script',
    async (path) => {
      const reply = await stack.api.get(path.replace('ROOM', roomId)).set(html);
      const policy = new Map(
        String(reply.headers['content-security-policy'])
          .split(';')
          .map((one): [string, string] => {
            const [name = '', ...values] = one.trim().split(' ');
            return [name, values.join(' ')];
          }),
      );
      const effective = (name: string) => policy.get(name) ?? policy.get('default-src');
      expect(["'self'", "'none'"]).toContain(policy.get('default-src'));
      expect(["'self'", "'none'"]).toContain(effective('script-src'));
      expect(effective('object-src')).toBe("'none'");
      expect(policy.get('base-uri')).toBe("'none'");
      expect(policy.get('frame-ancestors')).toBe("'none'");
      expect(policy.get('form-action')).toBe("'self'");
      expect([...policy.values()].join(' ')).not.toMatch(/unsafe|\*|https?:/);
      expect(reply.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        // To this site's own server at most.
        'referrer-policy': expect.stringMatching(/^(no-referrer|same-origin)$/),
        'cross-origin-opener-policy': 'same-origin',
        'strict-transport-security': expect.stringMatching(/^max-age=\d{7,}/),
      });
      expect(reply.headers['x-powered-by']).toBeUndefined();
      expect(reply.headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  it.each(pages)('are kept by %s itself: no inline script, handler or style', async (path) => {
    const { text } = await stack.api.get(path.replace('ROOM', roomId)).set(html).expect(200);
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)(?![^>]*application\/json)[^>]*>/i);
    const values = text.replace(/"[^"]*"/g, '""');
    expect(values).not.toMatch(/<[^>]+\son\w+=|\sstyle=|<style(?! nonce=)/i);
    expect(text).not.toMatch(/javascript:/i);
    // What an operator wrote is text, wherever it stands.
    expect(text).not.toMatch(/<script>alert|<img src=x/);
  });

  it('let assets be what they say they are', async () => {
    const { text } = await stack.api.get(`/rooms/${roomId}`).set(html).expect(200);
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(text)?.[1] ?? '';
    const asset = await stack.api.get(script).expect(200);
    expect(asset.headers['content-type']).toMatch(/javascript/);
    expect(asset.headers['x-content-type-options']).toBe('nosniff');
    for (const path of [
      '/assets/web/..%2f..%2fpackage.json',
      '/assets/web/../../package.json',
      '/assets/swagger-ui/..%2f..%2fpackage.json',
    ]) {
      expect((await stack.api.get(path)).status).toBe(404);
    }
  });

  it('answers no other origin, and takes no form of another site for a change', async () => {
    const foreign = { Origin: 'https://evil.example' };
    const reply = await stack.api.get('/concerts').set(foreign);
    expect(reply.headers['access-control-allow-origin']).toBeUndefined();
    const preflight = await stack.api.options('/reservation/pay').set(foreign);
    expect(preflight.status).toBe(405);
    const form = await stack.api.post('/admin/rooms').set(foreign).type('form').send('roomId=x');
    expect([401, 415]).toContain(form.status);
  });
});

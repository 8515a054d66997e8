import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createProcesses } from '../support/process.ts';

/** What cannot start says why in one sentence, and ends with 1. */
describe('a process that cannot start', () => {
  const processes = createProcesses();
  const { run, ended, folder } = processes;
  afterAll(() => processes.close());

  const given = {
    DATABASE_URL: 'postgresql://localhost/foyer',
    REDIS_URL: 'redis://localhost',
    QUEUE_TOKEN_SECRETS: 'a:5hJ2kQ8wZx1vN7rT0bYc4mLpE6sGdUfA',
    ADMIN_API_KEY: 'q8Wn3TzR5yXb1KcV7mJp0LsHd9GfEuA2',
    CUSTOMER_AUTH: 'open',
  };

  const wrong: [string, 'main' | 'api' | 'worker', Record<string, string>, RegExp][] = [
    ['a bad number', 'main', { PORT: 'many' }, /^PORT must be a whole number from 0 to 65535\.$/],
    ['a bad database URL', 'api', { ...given, DATABASE_URL: 'mysql://x/y' }, /^DATABASE_URL must/],
    ['a bad Redis URL', 'worker', { ...given, REDIS_URL: 'localhost' }, /^REDIS_URL must be a URL/],
    ['no servers', 'api', { ...given, DATABASE_URL: '' }, /^DATABASE_URL and REDIS_URL/],
    ['a weak secret', 'api', { ...given, QUEUE_TOKEN_SECRETS: 'a:b' }, /^QUEUE_TOKEN_SECRETS must/],
    ['no secret', 'main', { ...given, QUEUE_TOKEN_SECRETS: '' }, /^QUEUE_TOKEN_SECRETS must be/],
    ['no admin key', 'main', { ...given, ADMIN_API_KEY: '' }, /^ADMIN_API_KEY must be set/],
    ['an unasked opening', 'main', { HOST: '0.0.0.0' }, /^CUSTOMER_AUTH must be set by hand/],
    ['the same in production', 'main', { NODE_ENV: 'production' }, /^CUSTOMER_AUTH must be set/],
  ];
  it.each(wrong)('says so: %s', async (_, script, env, sentence) => {
    const started = await run(script, { DATA_DIR: join(folder, 'config'), ...env });
    expect(await ended(started)).toBe(1);
    const [line = '', ...rest] = started.output().split('\n');
    expect(line.replace(/^foyer: /, '')).toMatch(sentence);
    expect(rest).toEqual(['']);
  });

  it('names a data folder that cannot be written', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const started = await run('main', { DATA_DIR: join(file, 'data') });
    expect(await ended(started)).toBe(1);
    expect(started.output()).toBe(
      `foyer: DATA_DIR must be a folder that can be written, ${file}/data is not (ENOTDIR): mend it, or set DATA_DIR to another.\n`,
    );
  });

  it('names an address that is taken, and leaves nothing running', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const started = await run('main', { PORT: String(port), DEMO_DATA: 'false' });
    expect(await ended(started)).toBe(1);
    expect(started.output()).toContain(
      `foyer: Another program listens on 127.0.0.1:${port}: stop it, or set PORT to another.\n`,
    );
    taken.close();
  });
});

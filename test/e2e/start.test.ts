import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { createProcesses, type Started, stillAlive } from '../support/process.ts';
import { createTestDatabase, startTestRedis } from '../support/servers.ts';

const json = { 'Content-Type': 'application/json' };

describe('the process', () => {
  const processes = createProcesses();
  const { run, ready, stop, ended, dataDir, descendants } = processes;
  afterAll(() => processes.close());

  async function enter(started: Started): Promise<unknown> {
    const reply = await fetch(`${started.url}/customer/waiting/enter`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ customerId: 1 }),
    });
    return reply.json();
  }

  it('starts on nothing, refuses a second start, stops leaving no child, and finds its data again', async () => {
    const first = await run('main');
    await ready(first);
    expect(first.output()).toMatch(/creating a private Postgres database/);
    expect(first.output()).toMatch(/loaded the demo on-sale/);
    const { adminKey } = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8'));
    await eventually(() => expect(first.output()).toContain(`Admin key     ${adminKey}`));
    expect(await enter(first)).toMatchObject({ status: 'ACTIVE', roomId: 'main' });
    const changed = await fetch(`${first.url}/admin/rooms/main`, {
      method: 'PATCH',
      headers: { ...json, Authorization: `Bearer ${adminKey}`, 'If-Match': '"1"' },
      body: JSON.stringify({ title: 'Kept' }),
    });
    expect(changed.status).toBe(200);
    const crowd = await fetch(`${first.url}/admin/demo/crowd`, {
      method: 'POST',
      headers: { ...json, Authorization: `Bearer ${adminKey}` },
      body: JSON.stringify({ count: 5 }),
    });
    expect([crowd.status, await crowd.json()]).toEqual([202, { started: 5 }]);
    const children = descendants(first);
    expect(children.map((one) => one.name)).toEqual(
      expect.arrayContaining(['postgres', 'redis-server']),
    );

    const second = await run('main');
    expect(await ended(second)).toBe(1);
    expect(second.output()).toMatch(/^foyer: Foyer already runs here as process \d+: /);
    expect(second.output().trim().split('\n')).toHaveLength(1);

    expect(await stop(first, 'SIGTERM')).toBe(0);
    await eventually(() => expect(stillAlive(children)).toEqual([]));

    const third = await run('main');
    await ready(third);
    expect(third.output()).not.toMatch(/creating|loaded/);
    const room = await fetch(`${third.url}/admin/rooms/main`, {
      headers: { Authorization: `Bearer ${adminKey}` },
    });
    expect(await room.json()).toMatchObject({ title: 'Kept', version: 2 });
    const others = descendants(third);
    expect(await stop(third, 'SIGINT')).toBe(0);
    await eventually(() => expect(stillAlive(others)).toEqual([]));
  });

  it('serves as API and worker apart, against given servers, and waits for them, saying so', async () => {
    const [redis, database] = await Promise.all([startTestRedis(), createTestDatabase()]);
    const env = {
      DRAIN_SECONDS: '0',
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      QUEUE_TOKEN_SECRETS: `a:${'s'.repeat(32)}`,
      ADMIN_API_KEY: 'k'.repeat(32),
      CUSTOMER_AUTH: 'open',
      LOG_LEVEL: 'silent',
    };
    await redis.stop();
    const api = await run('api', env);
    const worker = await run('worker', env);
    const impatient = await run('api', env);
    const early = await run('main', { ...env, DATABASE_URL: 'postgresql://a:b@127.0.0.1:1/c' });
    for (const one of [api, worker, impatient]) {
      await eventually(() => expect(one.output()).toBe('foyer: waiting for redis (away)\n'));
    }
    // Nothing is migrated before Postgres answers.
    await eventually(() =>
      expect(early.output()).toMatch(/^foyer: waiting for postgres \(connect ECONNREFUSED/),
    );
    expect(await stop(early, 'SIGINT')).toBe(0);
    // Asked to stop while it waits, it stops.
    expect(await stop(impatient, 'SIGTERM')).toBe(0);
    expect(impatient.output()).toMatch(/stopped before it was ready\n$/);
    await redis.start();
    await ready(api);
    await eventually(() => expect(worker.output()).toContain('worker runs'));
    expect(await stop(api, 'SIGTERM')).toBe(0);
    expect(await stop(worker, 'SIGTERM')).toBe(0);
    await Promise.all([redis.close(), database.drop()]);
  });
});

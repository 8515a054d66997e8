import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../src/platform/free-port.ts';
import { eventually } from '../support/eventually.ts';
import { createTestDatabase, startTestRedis } from '../support/servers.ts';

interface Started {
  child: ChildProcess;
  output: () => string;
  url: string;
}

/** The built server as a process of its own, as `npm start` and its siblings run it. */
describe('the process', () => {
  const folder = mkdtempSync(join(process.env['TEST_DIR'] ?? '/tmp', 'start-'));
  const dataDir = join(folder, 'data');
  const running = new Set<ChildProcess>();
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(script: string, env: Record<string, string>): Promise<Started> {
    const port = await freePort();
    const child = spawn(process.execPath, [`dist/src/${script}.js`], {
      env: {
        PATH: process.env['PATH'] ?? '',
        PORT: String(port),
        DATA_DIR: dataDir,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let output = '';
    child.stdout?.on('data', (text) => {
      output += text;
    });
    child.stderr?.on('data', (text) => {
      output += text;
    });
    return { child, output: () => output, url: `http://127.0.0.1:${port}` };
  }

  const ready = (started: Started) =>
    eventually(
      async () => {
        const reply = await fetch(`${started.url}/health/ready`);
        expect(reply.status).toBe(200);
      },
      { timeoutMs: 30_000 },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${started.output()}`);
    });

  async function stop(started: Started, signal: NodeJS.Signals): Promise<number | null> {
    const exited = once(started.child, 'exit');
    started.child.kill(signal);
    const [code] = await exited;
    running.delete(started.child);
    return code;
  }

  /** Processes whose command line names the data folder. */
  const children = (): string =>
    execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(dataDir) && !line.startsWith('ps '))
      .join('\n');

  it('starts on nothing, refuses a second start, stops leaving no child, and finds its data again', async () => {
    const first = await run('main', {});
    await ready(first);
    expect(first.output()).toMatch(/creating a private Postgres database/);
    expect(first.output()).toMatch(/loaded the demo on-sale/);
    const { adminKey } = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8'));
    await eventually(() => expect(first.output()).toContain(`Admin key     ${adminKey}`));
    const json = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ customerId: 1 });
    const enter = async (started: Started) => {
      const reply = await fetch(`${started.url}/customer/waiting/enter`, {
        method: 'POST',
        headers: json,
        body,
      });
      return reply.json();
    };
    expect(await enter(first)).toMatchObject({ status: 'ACTIVE', roomId: 'main' });
    const changed = await fetch(`${first.url}/admin/rooms/main`, {
      method: 'PATCH',
      headers: { ...json, Authorization: `Bearer ${adminKey}`, 'If-Match': '"1"' },
      body: JSON.stringify({ title: 'Kept' }),
    });
    expect(changed.status).toBe(200);
    expect(children()).not.toBe('');

    const second = await run('main', {});
    const [code] = await once(second.child, 'exit');
    running.delete(second.child);
    expect(code).toBe(1);
    expect(second.output()).toMatch(/^foyer: Foyer already runs here as process \d+: /);
    expect(second.output().trim().split('\n')).toHaveLength(1);

    expect(await stop(first, 'SIGTERM')).toBe(0);
    await eventually(() => expect(children()).toBe(''));

    const third = await run('main', {});
    await ready(third);
    expect(third.output()).not.toMatch(/creating|loaded/);
    const room = await fetch(`${third.url}/admin/rooms/main`, {
      headers: { Authorization: `Bearer ${adminKey}` },
    });
    expect(await room.json()).toMatchObject({ title: 'Kept', version: 2 });
    expect(await stop(third, 'SIGINT')).toBe(0);
    await eventually(() => expect(children()).toBe(''));
  });

  it('leaves no server behind even when it is killed', async () => {
    const killed = await run('main', { DEMO_DATA: 'false' });
    await ready(killed);
    await stop(killed, 'SIGKILL');
    await eventually(() => expect(children()).toBe(''));
    // Its lock is stale: the next start takes over.
    const next = await run('main', {});
    await ready(next);
    expect(await stop(next, 'SIGTERM')).toBe(0);
  });

  it('ends at once, with its children, at the second signal', async () => {
    const started = await run('main', {});
    await ready(started);
    const exited = once(started.child, 'exit');
    started.child.kill('SIGINT');
    started.child.kill('SIGINT');
    await exited;
    running.delete(started.child);
    await eventually(() => expect(children()).toBe(''));
  });

  it('says in one sentence what is wrong with the environment', async () => {
    const wrong = await run('main', { PORT: 'many' });
    const [code] = await once(wrong.child, 'exit');
    running.delete(wrong.child);
    expect(code).toBe(1);
    expect(wrong.output()).toBe('foyer: PORT must be a whole number from 0 to 65535.\n');
    const api = await run('api', {});
    const [apiCode] = await once(api.child, 'exit');
    running.delete(api.child);
    expect([apiCode, api.output().split('\n')]).toEqual([1, [expect.any(String), '']]);
  });

  it('serves as API and worker apart, against given servers', async () => {
    const [redis, database] = await Promise.all([startTestRedis(), createTestDatabase()]);
    const env = {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      QUEUE_TOKEN_SECRETS: `a:${'s'.repeat(32)}`,
      ADMIN_API_KEY: 'k'.repeat(32),
      CUSTOMER_AUTH: 'open',
      LOG_LEVEL: 'silent',
    };
    const api = await run('api', env);
    const worker = await run('worker', env);
    await ready(api);
    await eventually(() => expect(worker.output()).toContain('worker runs'));
    expect(await stop(api, 'SIGTERM')).toBe(0);
    expect(await stop(worker, 'SIGTERM')).toBe(0);
    await Promise.all([redis.close(), database.drop()]);
  });
});

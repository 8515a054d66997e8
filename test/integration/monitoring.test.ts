import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { freePort } from '../../src/platform/free-port.ts';
import { type GuardedProcess, startGuarded } from '../../src/platform/guarded-process.ts';
import { eventually } from '../support/eventually.ts';
import { createProcesses, type Started } from '../support/process.ts';
import { createTestDatabase, startTestRedis } from '../support/servers.ts';
import { ADMIN_KEY, QUEUE_SECRET, type Stack, startStack } from '../support/stack.ts';

const PATIENTLY = { timeoutMs: 30_000 };
const POLLS = 200;

const dashboard = z
  .object({
    panels: z.array(
      z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) }),
    ),
  })
  .parse(JSON.parse(readFileSync('deploy/grafana/dashboards/foyer.json', 'utf8')));
const queries = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }) => [title, expr.replaceAll('$room', '.*')] as const),
);
/** Only there once freed slots and kept promises were reckoned, of which this little sale has none. */
const MAY_BE_EMPTY = /slot_idle|eta_coverage/;

/** A real Prometheus that watches a real API and a real worker. */
describe('monitoring', () => {
  const processes = createProcesses();
  const folder = mkdtempSync(join(tmpdir(), 'foyer-prometheus-'));
  let stack: Stack;
  let api: Started;
  let worker: Started;
  let workerUrl: string;
  let prometheus: GuardedProcess;
  let prometheusUrl: string;
  let stopServers: () => Promise<unknown>;
  let token: string;
  let customerId: number;

  beforeAll(async () => {
    const [redis, database] = await Promise.all([startTestRedis(), createTestDatabase()]);
    stopServers = () => Promise.all([redis.close(), database.drop()]);
    const [metricsPort, port] = [await freePort(), await freePort()];
    const env = {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      QUEUE_TOKEN_SECRETS: `test:${QUEUE_SECRET}`,
      ADMIN_API_KEY: ADMIN_KEY,
      CUSTOMER_AUTH: 'open',
      LOG_LEVEL: 'info',
    };
    stack = await startStack({ databaseUrl: database.url, redisEnv: { REDIS_URL: redis.url } });
    [api, worker] = await Promise.all([
      processes.run('api', env),
      processes.run('worker', { ...env, METRICS_PORT: String(metricsPort) }),
    ]);
    workerUrl = `http://127.0.0.1:${metricsPort}`;
    await processes.ready(api);
    prometheus = startPrometheus(port, [api.port, metricsPort]);
    prometheusUrl = `http://127.0.0.1:${port}`;
    await sell();
  }, 60_000);

  afterAll(async () => {
    await prometheus?.stop();
    processes.close();
    await stack?.close();
    await stopServers?.();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Production's configuration, with addresses in place of Docker's DNS, and quicker. */
  function startPrometheus(port: number, ports: readonly number[]): GuardedProcess {
    const settings = parse(readFileSync('deploy/prometheus/prometheus.yml', 'utf8'));
    settings.global = { scrape_interval: '1s', evaluation_interval: '1s' };
    for (const [nth, job] of settings.scrape_configs.entries()) {
      delete job.dns_sd_configs;
      job.static_configs = [{ targets: [`127.0.0.1:${ports[nth]}`] }];
    }
    writeFileSync(join(folder, 'prometheus.yml'), stringify(settings));
    cpSync('deploy/alerts.yml', join(folder, 'alerts.yml'));
    return startGuarded({
      command: [
        'prometheus',
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      stopSignal: 'TERM',
      logFile: join(folder, 'log'),
    });
  }

  async function call(method: string, path: string, body?: object): Promise<unknown> {
    const reply = await fetch(`${api.url}${path}`, {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return reply.status === 204 ? undefined : reply.json();
  }

  /** One customer buys, and asks often before. */
  async function sell(): Promise<void> {
    const roomId = await stack.room({ capacity: 1 });
    const { concertId, optionIds } = await stack.concert({ roomId, seats: 2 });
    const [first = 0, second = 0] = await stack.customers(2);
    customerId = first;
    const place = z.object({ token: z.string() });
    token = place.parse(
      await call('POST', '/customer/waiting/enter', { customerId, roomId }),
    ).token;
    for (let polls = 0; polls < POLLS; polls += 1) await call('GET', '/customer/waiting');
    const [optionId] = optionIds;
    await call('GET', `/concerts/${concertId}/options/${optionId}/seats`);
    const performances = [{ optionId, seatId: 1 }];
    const reserver = { customerId, reserverName: 'Somebody' };
    await call('POST', '/reservation/reserve', { reserver, concertId, performances });
    const pay = [{ payMethod: 'POINT', payAmount: 1_000 }];
    expect(await call('POST', '/reservation/pay', { customerId, pay })).toMatchObject({ pay });
    expect(await call('POST', '/reservation/pay', { customerId, pay })).toMatchObject({
      code: 'ALREADY_PAID',
    });
    // Somebody stays, so that the room goes on being shown.
    await call('POST', '/customer/waiting/enter', { customerId: second, roomId });
  }

  const scrape = async (url: string): Promise<string> => (await fetch(`${url}/metrics`)).text();

  async function ask(path: string): Promise<unknown> {
    const reply = await fetch(`${prometheusUrl}${path}`);
    return z.object({ status: z.literal('success'), data: z.unknown() }).parse(await reply.json())
      .data;
  }

  it('counts by operation and class, times answers, and shows the line, holds, outbox and readiness', async () => {
    const lines = await eventually(async () => {
      const text = await scrape(api.url);
      expect(text).toMatch(/^foyer_room_people\{room="room-1",state="active"\} 1$/m);
      expect(text).toMatch(/^foyer_outbox_pending 0$/m);
      // This scrape alone: Prometheus' own may be under way at the same moment.
      expect(text).toMatch(/^foyer_http_requests_in_flight 1$/m);
      return text;
    }, PATIENTLY);
    for (const line of [
      `foyer_http_requests_total{operation="getWaiting",class="2xx"} ${POLLS}`,
      'foyer_http_requests_total{operation="pay",class="2xx"} 1',
      'foyer_http_requests_total{operation="pay",class="4xx"} 1',
      'foyer_http_errors_total{code="ALREADY_PAID"} 1',
      `foyer_http_request_seconds_count{operation="getWaiting"} ${POLLS}`,
      'foyer_room_capacity{room="room-1"} 1',
      'foyer_room_open{room="room-1"} 1',
      'foyer_room_recovering{room="room-1"} 0',
      'foyer_holds_live 0',
      'foyer_holds_overdue_seconds 0',
      'foyer_ready{check="redis"} 1',
    ]) {
      expect(lines.split('\n')).toContain(line);
    }
    expect(lines).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
    expect(lines).toMatch(/^process_resident_memory_bytes /m);
  });

  it('names no customer, token or path in a label: series stay few', async () => {
    const text = await scrape(api.url);
    const labels = new Set([...text.matchAll(/[{,](\w+)="/g)].map((match) => match[1]));
    for (const label of labels) {
      expect(label).not.toMatch(/customer|token|path|url|request/i);
      // Prometheus has labels of these names, which would hide ours.
      expect(['job', 'instance']).not.toContain(label);
    }
    expect(text.split('\n').filter((line) => line.startsWith('foyer_')).length).toBeLessThan(400);
  });

  it('shows a worker too, where it was given a port: health, jobs, deliveries', async () => {
    const ready = await fetch(`${workerUrl}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([200, { status: 'ready' }]);
    expect((await fetch(`${workerUrl}/health/live`)).status).toBe(200);
    expect((await fetch(`${workerUrl}/admin/rooms`)).status).toBe(404);
    await eventually(async () => {
      const text = await scrape(workerUrl);
      expect(text).toMatch(/^foyer_jobs_total\{name="tick-rooms",outcome="done"\} [1-9]/m);
      expect(text).toMatch(
        /^foyer_outbox_deliveries_total\{kind="reservation.confirmed",outcome="delivered"\} 1$/m,
      );
    }, PATIENTLY);
  });

  it('knows every metric that the dashboard and the alerts speak of', async () => {
    const known = new Set(
      [...`${await scrape(api.url)}${await scrape(workerUrl)}`.matchAll(/^# TYPE (\w+)/gm)].map(
        (match) => match[1],
      ),
    );
    const text =
      queries.map(([, expr]) => expr).join('\n') + readFileSync('deploy/alerts.yml', 'utf8');
    const used = [...text.matchAll(/\b((?:foyer|nodejs|process)_\w+)/g)].map((match) =>
      (match[1] ?? '').replace(/_bucket$/, ''),
    );
    expect(used.length).toBeGreaterThan(30);
    for (const name of used) expect(known).toContain(name);
  });

  it('has alerts that Prometheus accepts, and none that a healthy sale sets off', async () => {
    const checked = spawnSync('promtool', ['check', 'rules', 'deploy/alerts.yml'], {
      encoding: 'utf8',
    });
    expect([checked.status, checked.stdout]).toEqual([0, expect.stringContaining('SUCCESS')]);
    execFileSync('promtool', ['check', 'config', join(folder, 'prometheus.yml')]);
    const shape = z.object({
      groups: z.array(
        z.object({
          rules: z.array(z.object({ name: z.string(), health: z.string(), state: z.string() })),
        }),
      ),
    });
    await eventually(async () => {
      const { groups } = shape.parse(await ask('/api/v1/rules'));
      const rules = groups.flatMap((group) => group.rules);
      expect(rules).toHaveLength(18);
      expect(rules.filter(({ health, state }) => health !== 'ok' || state !== 'inactive')).toEqual(
        [],
      );
    }, PATIENTLY);
  });

  it.each(queries)('answers the dashboard: %s', async (_, expr) => {
    const shape = z.object({
      result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })),
    });
    await eventually(async () => {
      const { result } = shape.parse(await ask(`/api/v1/query?query=${encodeURIComponent(expr)}`));
      if (!MAY_BE_EMPTY.test(expr)) expect(result.length).toBeGreaterThan(0);
    }, PATIENTLY);
  });

  it('logs who asked what, where, in JSON; of many polls a few, and never a token', async () => {
    const requests = () =>
      api
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line))
        .filter((line) => line.msg === 'request');
    await eventually(() => expect(requests().map((one) => one.operation)).toContain('pay'));
    const entered = requests().find((one) => one.operation === 'enterWaiting');
    expect(entered).toMatchObject({ status: 200, customer: customerId, room: 'room-1' });
    expect(entered.requestId).toMatch(/^[\w-]{16}$/);
    expect(requests().find((one) => one.operation === 'pay')).toMatchObject({
      customer: customerId,
    });
    const polls = requests().filter((one) => one.operation === 'getWaiting');
    expect(polls.length).toBeLessThan(POLLS / 4);
    for (const poll of polls) expect(poll.sampledOf).toBe(100);
    expect(api.output()).not.toContain(token);
    expect(api.output()).not.toContain(ADMIN_KEY);
    expect(worker.output()).not.toContain(token);
  });
});

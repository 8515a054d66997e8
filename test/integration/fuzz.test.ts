import { createRandom } from '../faults/random.ts';
import { operationsOf } from '../fuzz/document.ts';
import { createExchange, faultOf } from '../fuzz/exchange.ts';
import { requestTo } from '../fuzz/requests.ts';
import { createWorld } from '../fuzz/world.ts';
import { createProcesses, type Started } from '../support/process.ts';
import { createTestDatabase, startTestRedis, type TestRedis } from '../support/servers.ts';

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 3_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
const AT_ONCE = 24;
const WARM_UP_SHARE = 0.2;
const ADMIN_KEY = 'Zp4vKq8Tn1Wd6Rb3Ys9Hf2Jc7Lm5Xg0A';
const SECRET = 'b7NwQ2rT9yUi4oPa6sDf8gHj1kLz3xCv';

/** Malformed requests to every operation of /openapi.json, sent to a process of its own. */
describe(`the API under ${REQUESTS} malformed requests (seed ${SEED})`, () => {
  const processes = createProcesses();
  let redis: TestRedis;
  let database: { url: string; drop(): Promise<void> };
  let api: Started;

  beforeAll(async () => {
    [redis, database] = await Promise.all([startTestRedis(), createTestDatabase()]);
    api = await processes.run('api', {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      QUEUE_TOKEN_SECRETS: `a:${SECRET}`,
      ADMIN_API_KEY: ADMIN_KEY,
      CUSTOMER_AUTH: 'open',
      LOG_LEVEL: 'info',
      REQUESTS_PER_SECOND_PER_CUSTOMER: '100000',
    });
    await processes.ready(api);
  });
  afterAll(async () => {
    await processes.stop(api, 'SIGTERM');
    processes.close();
    await Promise.all([redis.close(), database.drop()]);
  });

  async function memoryMb(): Promise<number> {
    const text = await (await fetch(`${api.url}/metrics`)).text();
    const bytes = /^process_resident_memory_bytes (\S+)/m.exec(text)?.[1];
    return Math.round(Number(bytes) / 1e5) / 10;
  }

  it('answers every one as documented, with no 5xx, keeps its secrets and its memory', async () => {
    const published = await (await fetch(`${api.url}/openapi.json`)).json();
    const operations = operationsOf(published);
    const world = await createWorld(api.url, ADMIN_KEY);
    const random = createRandom(SEED);
    const exchange = createExchange(api.url);
    const faults: unknown[] = [];
    const seen = new Map<string, number>();
    let sent = 0;
    let warmMb = 0;

    async function client(): Promise<void> {
      while (sent < REQUESTS) {
        const operation = operations[sent % operations.length];
        sent += 1;
        if (sent === Math.floor(REQUESTS * WARM_UP_SHARE)) warmMb = await memoryMb();
        if (!operation) continue;
        const request = requestTo(operation, world, random);
        const answer = await exchange.send(request).catch((error: unknown) => {
          throw new Error(`${JSON.stringify(request)}: ${String(error)}`);
        });
        const key = `${operation.id} ${answer.status}`;
        seen.set(key, (seen.get(key) ?? 0) + 1);
        const fault = faultOf(request, answer);
        if (fault && faults.length < 20) {
          const { operation: _, ...rest } = request;
          faults.push({
            fault,
            id: operation.id,
            ...rest,
            status: answer.status,
            got: answer.body.slice(0, 400),
          });
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    exchange.close();
    expect(faults).toEqual([]);
    // Every operation was also used rightly, or the fuzz would only knock at closed doors.
    const good = new Set(
      [...seen.keys()].filter((key) => / 2\d\d$/.test(key)).map((key) => key.split(' ')[0]),
    );
    expect(good.size).toBeGreaterThan(operations.length * 0.75);

    await processes.ready(api);
    const endMb = await memoryMb();
    const byStatus = new Map<string, number>();
    for (const [key, count] of seen) {
      const status = key.split(' ')[1] ?? '';
      byStatus.set(status, (byStatus.get(status) ?? 0) + count);
    }
    process.stderr.write(
      `fuzz: ${sent} requests to ${operations.length} operations, seed ${SEED}; ${JSON.stringify(Object.fromEntries(byStatus))}; memory ${warmMb} MB after the first fifth, ${endMb} MB at the end\n`,
    );
    const log = api.output();
    for (const secret of [ADMIN_KEY, SECRET, ...Object.values(world.tokens).flat()]) {
      expect(log.includes(secret)).toBe(false);
    }
    const lines = log.split('\n').filter((line) => line !== '' && !line.startsWith('foyer: '));
    expect(lines.length).toBeGreaterThan(REQUESTS / 2);
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('msg');
  }, 600_000);
});

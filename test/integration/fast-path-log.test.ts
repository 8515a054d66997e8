import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createApp } from '../../src/http/app.ts';
import { CONNECTION_LIMITS } from '../../src/http/server.ts';
import { eventually } from '../support/eventually.ts';
import { fastPathCases, OLD_SECRET, type SeatMapAddress } from '../support/fast-path-cases.ts';
import { askTogether } from '../support/raw-http.ts';
import { type Caller, QUEUE_SECRET, type Stack, startStack } from '../support/stack.ts';

const { keepAliveMs } = CONNECTION_LIMITS;
const AT_ONCE = 100;
/** None of so many is logged, where one in a hundred should be, once in 10^13 times. */
const SAMPLES_MAX = 3_000;
const COMPARED = /^(a map|the map|any version|HEAD|a poll|a check|an entry)/;
/** Behind Express what cannot be read reaches no operation whose name could be told. */
const UNREADABLE = /^a check with (broken JSON|a bare number)$/;

describe('the fast path', () => {
  let stack: Stack;
  let plain: Server;
  let active: Caller;
  let seatMap: SeatMapAddress;
  const logged: string[] = [];

  beforeAll(async () => {
    stack = await startStack({
      env: {
        QUEUE_TOKEN_SECRETS: `test:${QUEUE_SECRET},old:${OLD_SECRET}`,
        LOG_LEVEL: 'info',
        REQUESTS_PER_SECOND_PER_CUSTOMER: '1000000',
      },
      log: (line) => logged.push(line),
    });
    plain = createServer(createApp(stack.services, () => false, keepAliveMs).express);
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const roomId = await stack.room({ capacity: 2 });
    const [customerId = 0] = await stack.customers(1);
    active = await stack.activate(roomId, customerId);
    const { concertId, optionIds } = await stack.concert({ roomId });
    const map = await stack.services.seats.maps.read(optionIds[0]);
    seatMap = { concertId, optionId: optionIds[0], etag: map?.etag ?? '' };
  });
  afterAll(async () => {
    plain.close();
    await stack.close();
  });

  async function counts(): Promise<Map<string, number>> {
    const lines = (await stack.services.metrics.registry.metrics()).split('\n');
    return new Map(
      lines
        .filter((line) => /^foyer_http_(requests_total|request_seconds_count)/.test(line))
        .map((line): [string, number] => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]),
    );
  }

  /** Sends the same request so many times: which counters rose by as much, and what was logged. */
  async function told(server: Server, request: string, times: number) {
    const before = await counts();
    const from = logged.length;
    const kept = request.replace('\r\nConnection: close', '');
    await askTogether(server, [...Array<string>(times - 1).fill(kept), request]);
    const counted = await eventually(async () => {
      const rose = [...(await counts())].filter(([name, n]) => n !== (before.get(name) ?? 0));
      expect(rose.map(([name, n]) => n - (before.get(name) ?? 0))).toEqual([times, times]);
      return rose.map(([name]) => name);
    });
    const lines = logged.slice(from).map((line) => {
      const { time: _, requestId, ms, ...rest } = JSON.parse(line);
      return { ...rest, requestId: typeof requestId, ms: typeof ms };
    });
    return { counted, lines };
  }

  /** What one request counts, and the line it leaves: at once, or as the one that stands for a hundred. */
  async function traces(server: Server, request: string) {
    const { counted, lines } = await told(server, request, 1);
    for (let asked = 1; lines.length === 0 && asked < SAMPLES_MAX; asked += AT_ONCE) {
      lines.push(...(await told(server, request, AT_ONCE)).lines);
    }
    return { counted, line: lines[0] };
  }

  const cases = fastPathCases({
    waiting: () => active,
    active: () => active,
    seatMap: () => seatMap,
  }).filter(([name]) => COMPARED.test(name) && !UNREADABLE.test(name));

  it.each(cases)('counts and logs %s as Express does, answered or refused', async (_, request) => {
    const fast = await traces(stack.http.server, request());
    expect(fast.line).toMatchObject({ msg: 'request' });
    expect(fast).toEqual(await traces(plain, request()));
  });
});

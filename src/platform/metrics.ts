import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { createRequestMetrics, type RequestMetrics } from './request-metrics.ts';

/** What an operator sees of one process, in Prometheus' words. */
export interface Metrics {
  registry: Registry;
  requests: RequestMetrics;
  errors: Counter<'code'>;
  rooms: RoomMetrics;
  /** 1 or 0 for each thing that serving depends on. */
  ready: Gauge<'check'>;
  holdsLive: Gauge;
  holdsOverdueSeconds: Gauge;
  jobs: Counter<'name' | 'outcome'>;
  outboxDelivered: Counter<'kind' | 'outcome'>;
  outboxPending: Gauge;
  outboxOldestSeconds: Gauge;
  invariantViolations: Gauge<'invariant'>;
  /** Seconds since 1970. */
  invariantCheckedAt: Gauge<'invariant'>;
  streams: Gauge;
}

/** Of each room with people in it, while it has some. */
export interface RoomMetrics {
  people: Gauge<'room' | 'state'>;
  capacity: Gauge<'room'>;
  admittedPerMinute: Gauge<'room'>;
  pollsPerSecond: Gauge<'room'>;
  recovering: Gauge<'room'>;
  open: Gauge<'room'>;
  oldestWaitSeconds: Gauge<'room'>;
  etaSeconds: Gauge<'room' | 'quantile'>;
  etaCoverage: Gauge<'room'>;
  slotIdleSeconds: Gauge<'room' | 'quantile'>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    requests: createRequestMetrics(registry),
    errors: new Counter({
      name: 'foyer_http_errors_total',
      help: 'Problem bodies answered, by code',
      labelNames: ['code'],
      registers,
    }),
    rooms: createRoomMetrics(registry),
    ready: new Gauge({
      name: 'foyer_ready',
      help: '1 where a thing that serving depends on is there: Postgres, migrations, the seat index, Redis',
      labelNames: ['check'],
      registers,
    }),
    holdsLive: new Gauge({
      name: 'foyer_holds_live',
      help: 'Holds that can still be paid',
      registers,
    }),
    holdsOverdueSeconds: new Gauge({
      name: 'foyer_holds_overdue_seconds',
      help: 'How long the oldest hold whose time is over has waited to be tidied up',
      registers,
    }),
    jobs: new Counter({
      name: 'foyer_jobs_total',
      help: 'Runs of recurring jobs',
      // Not `job`: Prometheus gives that label to every process.
      labelNames: ['name', 'outcome'],
      registers,
    }),
    outboxDelivered: new Counter({
      name: 'foyer_outbox_deliveries_total',
      help: 'Outbox events handled, by outcome',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    outboxPending: new Gauge({
      name: 'foyer_outbox_pending',
      help: 'Outbox events not delivered yet',
      registers,
    }),
    outboxOldestSeconds: new Gauge({
      name: 'foyer_outbox_oldest_seconds',
      help: 'Age of the oldest undelivered outbox event',
      registers,
    }),
    invariantViolations: new Gauge({
      name: 'foyer_invariant_violations',
      help: 'Violations counted by the last check; anything but 0 is a page',
      labelNames: ['invariant'],
      registers,
    }),
    invariantCheckedAt: new Gauge({
      name: 'foyer_invariant_checked_timestamp_seconds',
      help: 'When the check was last made; one that grows old is not made any more',
      labelNames: ['invariant'],
      registers,
    }),
    streams: new Gauge({
      name: 'foyer_streams',
      help: 'Open server-sent event streams',
      registers,
    }),
  };
}

function createRoomMetrics(registry: Registry): RoomMetrics {
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge<Label>({ name: `foyer_room_${name}`, help, labelNames, registers: [registry] });
  return {
    people: gauge('people', 'People in a room: waiting, returning, active', 'room', 'state'),
    capacity: gauge('capacity', 'People who may have a slot at the same time', 'room'),
    admittedPerMinute: gauge('admitted_per_minute', 'Admissions of the last minute', 'room'),
    pollsPerSecond: gauge('polls_per_second', 'Polls of the last seconds', 'room'),
    open: gauge(
      'open',
      '1 while the room admits by itself: open, its time come, not recovering',
      'room',
    ),
    oldestWaitSeconds: gauge('oldest_wait_seconds', 'How long the front has waited', 'room'),
    recovering: gauge('recovering', '1 while places return after a loss of Redis', 'room'),
    etaSeconds: gauge('eta_seconds', 'Estimated wait of who joins now', 'room', 'quantile'),
    etaCoverage: gauge(
      'eta_coverage',
      'Share of the waits that ended lately within the promised p90',
      'room',
    ),
    slotIdleSeconds: gauge(
      'slot_idle_seconds',
      'How long slots stood empty while somebody waited',
      'room',
      'quantile',
    ),
  };
}

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What an operator sees of one process, in Prometheus' words. */
export interface Metrics {
  registry: Registry;
  /** Seconds, by operation and status. */
  requests: Histogram<'operation' | 'status'>;
  errors: Counter<'code'>;
  rooms: RoomMetrics;
  jobs: Counter<'job' | 'outcome'>;
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
  etaSeconds: Gauge<'room' | 'quantile'>;
  etaCoverage: Gauge<'room'>;
  slotIdleSeconds: Gauge<'room' | 'quantile'>;
}

const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    requests: new Histogram({
      name: 'foyer_http_request_seconds',
      help: 'Time to answer a request',
      labelNames: ['operation', 'status'],
      buckets: BUCKETS_SECONDS,
      registers,
    }),
    errors: new Counter({
      name: 'foyer_http_errors_total',
      help: 'Problem bodies answered, by code',
      labelNames: ['code'],
      registers,
    }),
    rooms: createRoomMetrics(registry),
    jobs: new Counter({
      name: 'foyer_jobs_total',
      help: 'Runs of recurring jobs',
      labelNames: ['job', 'outcome'],
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

import { Counter, Gauge, Histogram, type MetricValueWithName, type Registry } from 'prom-client';

/**
 * The golden signals of one process, by operation. One observation and one count a request, into plain numbers:
 * polls are many, and somebody reads them a few times a minute.
 */
export interface RequestMetrics {
  began(): void;
  /** @param seconds null when its duration means nothing */
  ended(operation: string, status: number, seconds: number | null): void;
}

/** Polls take a millisecond or two, payments tens, and whatever takes longer than five seconds is lost. */
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

interface Series {
  /** Observations up to each bound and above the one before it; the last are above all bounds. */
  durations: number[];
  seconds: number;
  /** By status class, 1 to 5. */
  counts: number[];
}

export function createRequestMetrics(registry: Registry): RequestMetrics {
  const registers = [registry];
  const series = new Map<string, Series>();
  let inFlight = 0;
  new Gauge({
    name: 'foyer_http_requests_in_flight',
    help: 'Requests that are being answered, open streams among them',
    registers,
    collect() {
      this.set(inFlight);
    },
  });
  new Counter({
    name: 'foyer_http_requests_total',
    help: 'Answered requests, by operation and class of status',
    labelNames: ['operation', 'class'],
    registers,
    collect() {
      this.reset();
      for (const [operation, { counts }] of series) {
        for (const [statusClass, count] of counts.entries()) {
          if (count > 0) this.inc({ operation, class: `${statusClass}xx` }, count);
        }
      }
    },
  });
  registerDurations(registers, series);

  function seriesOf(operation: string): Series {
    let known = series.get(operation);
    if (!known) {
      const durations = Array.from({ length: BUCKETS_SECONDS.length + 1 }, () => 0);
      known = { durations, seconds: 0, counts: [0, 0, 0, 0, 0, 0] };
      series.set(operation, known);
    }
    return known;
  }

  return {
    began() {
      inFlight += 1;
    },
    ended(operation, status, seconds) {
      inFlight -= 1;
      const noted = seriesOf(operation);
      const statusClass = Math.floor(status / 100);
      noted.counts[statusClass] = (noted.counts[statusClass] ?? 0) + 1;
      if (seconds === null) return;
      let bucket = 0;
      while (seconds > (BUCKETS_SECONDS[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
      noted.durations[bucket] = (noted.durations[bucket] ?? 0) + 1;
      noted.seconds += seconds;
    },
  };
}

/** A histogram that is put together when it is read: the library's own takes a microsecond for each observation. */
function registerDurations(registers: Registry[], series: ReadonlyMap<string, Series>): void {
  const name = 'foyer_http_request_seconds';
  const help = 'Time to answer a request, by operation';
  const histogram = new Histogram({
    name,
    help,
    labelNames: ['operation'],
    buckets: BUCKETS_SECONDS,
    registers,
  });
  async function get() {
    const values: MetricValueWithName<'operation' | 'le'>[] = [];
    for (const [operation, { durations, seconds }] of series) {
      let count = 0;
      const buckets = durations.map((observed, bucket) => {
        count += observed;
        const le = BUCKETS_SECONDS[bucket] ?? '+Inf';
        return { metricName: `${name}_bucket`, labels: { le, operation }, value: count };
      });
      // Streams are counted, and not timed.
      if (count === 0) continue;
      values.push(...buckets);
      values.push({ metricName: `${name}_sum`, labels: { operation }, value: seconds });
      values.push({ metricName: `${name}_count`, labels: { operation }, value: count });
    }
    return { name, help, type: 'histogram', aggregator: 'sum', values };
  }
  // The second is what the registry itself calls.
  Object.assign(histogram, { get, getForPromString: get });
}

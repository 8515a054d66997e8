import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/**
 * The golden signals of one process, by operation. One observation and one count a request: what a series
 * needs is looked up once and kept, for polls are many.
 */
export interface RequestMetrics {
  began(): void;
  /** @param seconds null when its duration means nothing */
  ended(operation: string, status: number, seconds: number | null): void;
}

/** Polls take a millisecond or two, payments tens, and whatever takes longer than five seconds is lost. */
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

interface Series {
  duration: Histogram.Internal<'operation'>;
  /** By status class, 1 to 5. */
  counts: Map<number, Counter.Internal>;
}

export function createRequestMetrics(registry: Registry): RequestMetrics {
  const registers = [registry];
  const durations = new Histogram({
    name: 'foyer_http_request_seconds',
    help: 'Time to answer a request, by operation',
    labelNames: ['operation'],
    buckets: BUCKETS_SECONDS,
    registers,
  });
  const counts = new Counter({
    name: 'foyer_http_requests_total',
    help: 'Answered requests, by operation and class of status',
    labelNames: ['operation', 'class'],
    registers,
  });
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

  function seriesOf(operation: string): Series {
    let known = series.get(operation);
    if (!known) {
      known = { duration: durations.labels(operation), counts: new Map() };
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
      const { duration, counts: ofOperation } = seriesOf(operation);
      if (seconds !== null) duration.observe(seconds);
      const statusClass = Math.floor(status / 100);
      let count = ofOperation.get(statusClass);
      if (!count) {
        count = counts.labels(operation, `${statusClass}xx`);
        ofOperation.set(statusClass, count);
      }
      count.inc();
    },
  };
}

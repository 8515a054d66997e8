import { type Redis, type SentinelConnectionOptions, SentinelConnector } from 'ioredis';

/**
 * ioredis' connector to the primary that sentinels name, with two of its faults mended:
 *
 * - Its failover detector outlives the connection that it watched. A failover that it heard of while the
 *   connector was already asking the sentinels anew ended the client for good: status `end`, no reconnect.
 * - The detector's own clients have no listener for errors, which ioredis then prints by itself.
 */
export class PrimaryConnector extends SentinelConnector {
  /** @param options those of the client, which ioredis hands over without their type */
  constructor(options: unknown) {
    super(options as SentinelConnectionOptions);
    const connectToSentinel = this['connectToSentinel'].bind(this);
    this['connectToSentinel'] = (...sentinel: unknown[]): Redis => {
      const client: Redis = connectToSentinel(...sentinel);
      // What matters of it, no answer, the connector sees by itself.
      client.on('error', () => undefined);
      return client;
    };
  }

  override connect(...emit: Parameters<SentinelConnector['connect']>) {
    this['failoverDetector']?.cleanup();
    return super.connect(...emit);
  }
}

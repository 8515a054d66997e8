import { type Redis, type SentinelConnectionOptions, SentinelConnector } from 'ioredis';

/**
 * ioredis' connector to the primary that sentinels name, with faults of its failover detector mended:
 *
 * - It outlives the connection that it watched. A failover that it heard of while the connector was already asking
 *   the sentinels anew ended the client for good: status `end`, no reconnect.
 * - It begins for a connection that was given up before it stood, and nobody stops it.
 * - Its own clients have no listener for errors, which ioredis then prints by itself.
 *
 * It hears nothing between a sentinel's answer and its subscription, some milliseconds: a primary that hung before
 * and is replaced right then keeps a client without a command timeout until it wakes or its host says goodbye.
 */
export class PrimaryConnector extends SentinelConnector {
  /** @param options those of the client, which ioredis hands over without their type */
  constructor(options: unknown) {
    super(options as SentinelConnectionOptions);
    const connectToSentinel = this['connectToSentinel'].bind(this);
    this['connectToSentinel'] = (...sentinel: unknown[]): Redis => {
      const client: Redis = connectToSentinel(...sentinel);
      // The connector itself sees when a sentinel does not answer.
      client.on('error', () => undefined);
      return client;
    };
    const watch = this['initFailoverDetector'].bind(this);
    this['initFailoverDetector'] = async (): Promise<void> => {
      if (this.connecting) await watch();
    };
  }

  override connect(...emit: Parameters<SentinelConnector['connect']>) {
    this['failoverDetector']?.cleanup();
    this['failoverDetector'] = null;
    return super.connect(...emit);
  }
}

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A way to Postgres that counts round trips: each time a connection asks after it was last answered. */
export interface Trips {
  databaseUrl: string;
  count(): number;
  close(): Promise<void>;
}

export async function countTrips(databaseUrl: string): Promise<Trips> {
  const target = new URL(databaseUrl);
  let trips = 0;
  const server = createServer((client) => {
    const postgres = connect(Number(target.port), target.hostname);
    let answered = true;
    client.on('data', (chunk) => {
      if (answered) trips += 1;
      answered = false;
      postgres.write(chunk);
    });
    postgres.on('data', (chunk) => {
      answered = true;
      client.write(chunk);
    });
    for (const [one, other] of [
      [client, postgres],
      [postgres, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  const through = new URL(databaseUrl);
  through.port = String(address.port);
  return {
    databaseUrl: through.href,
    count: () => trips,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

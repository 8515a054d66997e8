import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy between one process and one server that can misbehave. */
export interface FaultyProxy {
  port: number;
  /** Resets every connection that stands. */
  cut(): void;
  /** Delays what the server answers by up to so many ms a chunk, in order; 0: not at all. */
  slow(ms: number): void;
  /** Withholds what the server answers until the next cut: requests arrive, replies are lost. */
  withhold(): void;
  close(): Promise<void>;
}

export async function createProxy(targetPort: number): Promise<FaultyProxy> {
  const pairs = new Set<{ inner: Socket; outer: Socket }>();
  let slowMs = 0;
  let withheld = false;

  function serve(outer: Socket): void {
    const inner = connect(targetPort, '127.0.0.1');
    const pair = { inner, outer };
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      outer.destroy();
      inner.destroy();
    };
    for (const socket of [outer, inner]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    outer.on('data', (chunk) => inner.write(chunk));
    // One queue and one timer: of two timers the later can fire first, and no TCP connection reorders its bytes.
    const held: { chunk: Buffer; dueAt: number }[] = [];
    const pass = (): void => {
      for (let first = held[0]; first; first = held[0]) {
        const waitMs = first.dueAt - performance.now();
        if (waitMs > 0) {
          setTimeout(pass, waitMs);
          return;
        }
        outer.write(first.chunk);
        held.shift();
      }
    };
    inner.on('data', (chunk) => {
      if (withheld) return;
      if (held.push({ chunk, dueAt: performance.now() + slowMs }) === 1) pass();
    });
  }

  const server = createServer(serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();

  const cut = (): void => {
    withheld = false;
    for (const { inner, outer } of pairs) {
      outer.resetAndDestroy();
      inner.destroy();
    }
    pairs.clear();
  };
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cut,
    slow(ms) {
      slowMs = ms;
    },
    withhold() {
      withheld = true;
    },
    async close() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}

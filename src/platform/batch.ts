/** Is told the reply to one request, or what went wrong with it. Must not throw: others of its batch come after it. */
export type Settle<Reply> = (reply: Reply | Error) => void;

/** Takes one request; never throws. */
export type Batch<Request, Reply> = (request: Request, settle: Settle<Reply>) => void;

/** As many are worth a call by themselves. */
const FEW = 16;

/**
 * Collects the requests of one event-loop turn and runs those with the same key as one batch, so that a
 * thousand polls that arrive together cost one round trip. Where turn follows on turn with a few each, they wait
 * for more: a call costs as much as what it asks for a dozen. Each request brings a callback, not a promise: they
 * are many, and a promise with its reactions costs more than the rest of this.
 *
 * @param run answers a batch in its order, some perhaps with an error; when it throws, all are told that error
 * @param sizeMax a batch never holds more, and does not wait when it holds as many
 * @param restMs how long a few requests wait at most, when others were sent off as short a time ago
 */
export function createBatch<Request, Reply>(options: {
  keyOf: (request: Request) => string;
  run: (key: string, requests: Request[]) => Promise<(Reply | Error)[]>;
  sizeMax: number;
  restMs?: number;
}): Batch<Request, Reply> {
  const restMs = options.restMs ?? 0;
  let open = new Map<string, Collected<Request, Reply>>();
  let flushedAtMs = Number.NEGATIVE_INFINITY;

  let waiting = 0;

  const flush = (): void => {
    flushedAtMs = performance.now();
    waiting = 0;
    const batches = open;
    // A new one: V8 keeps a cleared map's old contents reachable from one to the next until a full collection.
    open = new Map();
    for (const [key, batch] of batches) void settleAll(key, batch, options.run);
  };

  const endTurn = (): void => {
    if (waiting >= FEW || performance.now() - flushedAtMs >= restMs) flush();
    else setTimeout(flush, restMs);
  };

  return (request, settle) => {
    if (open.size === 0) setImmediate(endTurn);
    waiting += 1;
    const key = options.keyOf(request);
    const batch = open.get(key);
    if (!batch) {
      open.set(key, { requests: [request], settles: [settle] });
      return;
    }
    batch.settles.push(settle);
    if (batch.requests.push(request) < options.sizeMax) return;
    open.set(key, { requests: [], settles: [] });
    void settleAll(key, batch, options.run);
  };
}

/** The same batch for who waits for a promise. */
export function promised<Request, Reply>(
  batch: Batch<Request, Reply>,
): (request: Request) => Promise<Reply> {
  return (request) =>
    new Promise((resolve, reject) => {
      batch(request, (reply) => (reply instanceof Error ? reject(reply) : resolve(reply)));
    });
}

interface Collected<Request, Reply> {
  requests: Request[];
  settles: Settle<Reply>[];
}

async function settleAll<Request, Reply>(
  key: string,
  { requests, settles }: Collected<Request, Reply>,
  run: (key: string, requests: Request[]) => Promise<(Reply | Error)[]>,
): Promise<void> {
  if (requests.length === 0) return;
  const replies = await run(key, requests).catch((error: unknown) => {
    const failure = error instanceof Error ? error : new Error(String(error));
    return requests.map(() => failure);
  });
  settles.forEach((settle, index) => {
    settle(replies[index] ?? new Error('a batch answered fewer than it was asked'));
  });
}

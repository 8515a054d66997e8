/**
 * Collects the requests of one event-loop turn and runs those with the same key as one batch, so that a
 * thousand polls that arrive together cost one round trip. Nothing is kept between turns.
 *
 * @param run answers a batch in its order; when it throws, every request of the batch throws that error
 * @param sizeMax a batch never holds more; the rest of the turn makes further batches
 */
export function createBatch<Request, Reply>(options: {
  keyOf: (request: Request) => string;
  run: (key: string, requests: Request[]) => Promise<Reply[]>;
  sizeMax: number;
}): (request: Request) => Promise<Reply> {
  const open = new Map<string, Waiting<Request, Reply>[]>();

  const flush = (): void => {
    const batches = [...open];
    open.clear();
    for (const [key, batch] of batches) void settle(key, batch, options.run);
  };

  return (request) =>
    new Promise((resolve, reject) => {
      if (open.size === 0) setImmediate(flush);
      const key = options.keyOf(request);
      const batch = open.get(key);
      if (!batch) open.set(key, [{ request, resolve, reject }]);
      else if (batch.push({ request, resolve, reject }) >= options.sizeMax) {
        open.set(key, []);
        void settle(key, batch, options.run);
      }
    });
}

interface Waiting<Request, Reply> {
  request: Request;
  resolve: (reply: Reply) => void;
  reject: (error: unknown) => void;
}

async function settle<Request, Reply>(
  key: string,
  batch: Waiting<Request, Reply>[],
  run: (key: string, requests: Request[]) => Promise<Reply[]>,
): Promise<void> {
  if (batch.length === 0) return;
  try {
    const replies = await run(
      key,
      batch.map((one) => one.request),
    );
    batch.forEach((one, index) => {
      const reply = replies[index];
      if (reply === undefined) one.reject(new Error('a batch answered fewer than it was asked'));
      else one.resolve(reply);
    });
  } catch (error) {
    for (const one of batch) one.reject(error);
  }
}

import { setTimeout as delay } from 'node:timers/promises';

/** A browser's event stream: it comes back whenever it ends. */
export interface KeptStream {
  opened: number;
  /** Documents received on the stream that is open now. */
  documents: number;
  /** Ends that nobody had announced. */
  broken: string[];
  stop(): Promise<void>;
}

const BACK_AFTER_MS = 200;

export function keepStream(url: string, token: string): KeptStream {
  const stopping = new AbortController();
  const kept: KeptStream = { opened: 0, documents: 0, broken: [], stop };
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await once();
      } catch (error) {
        if (!stopping.signal.aborted) kept.broken.push(String(error));
      }
      await delay(BACK_AFTER_MS);
    }
  })();

  async function once(): Promise<void> {
    const reply = await fetch(`${url}/customer/waiting/stream`, {
      headers: { Authorization: `Bearer ${token}` },
      signal: stopping.signal,
    });
    if (reply.status !== 200 || !reply.body) throw new Error(`answered ${reply.status}`);
    kept.opened += 1;
    kept.documents = 0;
    let text = '';
    for await (const chunk of reply.body) {
      text += Buffer.from(chunk).toString();
      kept.documents = text.split('event: waiting').length - 1;
    }
    if (!text.endsWith('event: reconnect\ndata: {}\n\n')) kept.broken.push(text.slice(-200));
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await loop;
  }
  return kept;
}

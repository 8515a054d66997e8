/** Waits for `work`, but no longer than `ms`; whether it has come by then. What it throws is thrown on. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  // Nobody listens any more when it fails later.
  work.catch(() => undefined);
  try {
    return await Promise.race([work.then(() => true), patience]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waiting that everybody can be woken from at once, when the run ends. */
export interface Naps {
  /** Resolves after `ms`, or early when the run ends. */
  nap(ms: number): Promise<void>;
  /** Wakes everybody; from now on nobody sleeps. */
  wakeAll(): void;
  readonly over: boolean;
}

export function createNaps(): Naps {
  const sleeping = new Map<NodeJS.Timeout, () => void>();
  let over = false;

  return {
    nap(ms) {
      if (over || ms <= 0) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          sleeping.delete(timer);
          resolve();
        }, ms);
        sleeping.set(timer, resolve);
      });
    },
    wakeAll() {
      over = true;
      for (const [timer, wake] of sleeping) {
        clearTimeout(timer);
        wake();
      }
      sleeping.clear();
    },
    get over() {
      return over;
    },
  };
}

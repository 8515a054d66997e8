import { createRecent } from './recent.ts';

/** Answers that may be `freshMs` old, at most `sizeMax` of them; who asks at the same time shares one read. */
export interface BoundedCache<Key, Value> {
  get(key: Key): Promise<Value>;
  forget(key: Key): void;
  forgetAll(): void;
}

/** @param freshMs how long an answer serves; may depend on it */
export function createBoundedCache<Key, Value>(options: {
  read: (key: Key) => Promise<Value>;
  freshMs: (value: Value) => number;
  sizeMax: number;
}): BoundedCache<Key, Value> {
  const empty = () => createRecent<Key, { value: Promise<Value>; until: number }>(options.sizeMax);
  let entries = empty();

  return {
    get(key) {
      const known = entries.get(key);
      if (known && performance.now() < known.until) return known.value;
      const startedAt = performance.now();
      const value = options.read(key);
      const entry = { value, until: Number.POSITIVE_INFINITY };
      entries.set(key, entry);
      value.then(
        (result) => {
          entry.until = startedAt + options.freshMs(result);
        },
        () => {
          if (entries.get(key) === entry) entries.delete(key);
        },
      );
      return value;
    },
    forget(key) {
      entries.delete(key);
    },
    forgetAll() {
      entries = empty();
    },
  };
}

/** Remembers the keys that came lately: at least half of `max` (an even number), never more than `max`. */
export interface Recent<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
  /** Counts up whenever older keys are forgotten: what was found before may be gone. */
  generation(): number;
}

/**
 * Two generations: when the younger is half of `max`, it becomes the elder, and what the elder held is forgotten
 * together. One map that throws out its oldest key for each new one costs more the longer it runs: V8 leaves a
 * hole for each deleted key, and who asks for the first key walks over all holes; moving a key to the end at each
 * use makes one, too.
 */
export function createRecent<Key, Value extends object>(max: number): Recent<Key, Value> {
  let younger = new Map<Key, Value>();
  let elder = new Map<Key, Value>();
  let generation = 0;

  function set(key: Key, value: Value): void {
    if (younger.size >= max / 2 && !younger.has(key)) {
      elder = younger;
      younger = new Map();
      generation += 1;
    }
    younger.set(key, value);
  }

  return {
    get(key) {
      const known = younger.get(key);
      if (known) return known;
      const older = elder.get(key);
      if (older) set(key, older);
      return older;
    },
    set,
    delete(key) {
      younger.delete(key);
      elder.delete(key);
    },
    generation: () => generation,
  };
}

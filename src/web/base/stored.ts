/**
 * A JSON value kept in this browser, under one name. Where storage is refused (private windows) the value
 * lives as long as the page.
 */
export interface Stored<T> {
  read(): T | undefined;
  write(value: T): void;
  clear(): void;
  /** Calls back when another tab has written or cleared it. */
  onChange(callback: () => void): () => void;
}

export function createStored<T>(name: string): Stored<T> {
  let memory: string | null = null;
  const attempt = (work: () => string | null): string | null => {
    try {
      return work();
    } catch {
      return memory;
    }
  };
  return {
    read() {
      const text = attempt(() => localStorage.getItem(name));
      if (text === null) return undefined;
      try {
        const value: T = JSON.parse(text);
        return value;
      } catch {
        return undefined;
      }
    },
    write(value) {
      const text = JSON.stringify(value);
      memory = text;
      attempt(() => {
        localStorage.setItem(name, text);
        return text;
      });
    },
    clear() {
      memory = null;
      attempt(() => {
        localStorage.removeItem(name);
        return null;
      });
    },
    onChange(callback) {
      const listen = (event: StorageEvent): void => {
        if (event.key === name) callback();
      };
      addEventListener('storage', listen);
      return () => removeEventListener('storage', listen);
    },
  };
}

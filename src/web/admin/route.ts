import { useEffect, useState } from 'preact/hooks';

/** The parts of the address after `#/`: `#/rooms/main` is `['rooms', 'main']`. */
export function useRoute(): string[] {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return hash.replace(/^#\//, '').split('/').filter(Boolean).map(decodeURIComponent);
}

/** An address within the control room. */
export function hrefTo(...parts: (string | number)[]): string {
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

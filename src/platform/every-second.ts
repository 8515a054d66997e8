/** What changes with the second only, made once a second. */
export function everySecond(make: (now: Date) => string): () => string {
  let second = 0;
  let text = '';
  return () => {
    const now = Math.floor(Date.now() / 1_000);
    if (now !== second) {
      second = now;
      text = make(new Date(now * 1_000));
    }
    return text;
  };
}

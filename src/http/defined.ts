/** Only what was given: a field that is absent is left as it is. */
export function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const present: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const key in given) {
    const value = given[key];
    if (isDefined(value)) present[key] = value;
  }
  return present;
}

function isDefined<T>(value: T): value is Exclude<T, undefined> {
  return value !== undefined;
}

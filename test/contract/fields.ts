/** Every field of a JSON value by its path: `tickets`, `tickets[]`, `tickets[].seatId`. */
export function fieldsOf(value: unknown, path = ''): string[] {
  const here = path === '' ? [] : [path];
  if (Array.isArray(value)) return [...here, ...value.flatMap((one) => fieldsOf(one, `${path}[]`))];
  if (typeof value !== 'object' || value === null) return here;
  const inner = Object.entries(value).flatMap(([name, one]) =>
    fieldsOf(one, path === '' ? name : `${path}.${name}`),
  );
  return [...here, ...inner];
}

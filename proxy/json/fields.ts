/** The entries of a list of JSON; none of anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What an object of JSON holds under a key; undefined for anything else. */
export function fieldOf(value: unknown, key: string): unknown {
  const isObject = typeof value === "object" && value !== null && Object.hasOwn(value, key);
  return isObject ? Reflect.get(value, key) : undefined;
}

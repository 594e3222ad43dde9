/** An object of JSON of which nothing else is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for an object of JSON: neither a list nor `null`. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value that a text of JSON holds; undefined for what is no JSON. A byte order mark in front, as editors on Windows write it, is no part of it. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    // RangeError: nested deeper than the engine can follow.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

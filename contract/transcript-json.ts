/** Reading parsed JSON of unknown shape without trusting any of it. */

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object a line holds; undefined for anything else, be it broken or just no object. */
export function parseObject(line: string): JsonObject | undefined {
  const value = parse(line);
  return isObject(value) ? value : undefined;
}

/** The value a text of JSON holds; undefined when it is none. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    // RangeError: nested deeper than the engine can follow.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The text under `key`, if there is one that is not empty. */
export function textAt(value: unknown, key: string): string | undefined {
  const found = isObject(value) ? value[key] : undefined;
  return typeof found === "string" && found !== "" ? found : undefined;
}

export function objectAt(value: unknown, key: string): JsonObject | undefined {
  const found = isObject(value) ? value[key] : undefined;
  return isObject(found) ? found : undefined;
}

/** JSON of a value; empty for what JSON cannot say. */
export function stringify(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return "";
    throw error;
  }
}

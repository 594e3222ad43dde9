import { isObject, parseJson, type JsonObject } from "./json.ts";

/** Reading parsed JSON of unknown shape without trusting any of it. */

/** The object a line holds; undefined for anything else, be it broken or just no object. */
export function parseObject(line: string): JsonObject | undefined {
  // Most of what is no object shows at its first character; an exception would cost a thousand times as much.
  const value = /^\ufeff?\s*\{/.test(line) ? parseJson(line) : undefined;
  return isObject(value) ? value : undefined;
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

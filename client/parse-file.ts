import type * as z from "zod";
import { AppError } from "../contract/errors.ts";
import { didYouMean } from "../contract/nearest.ts";

/**
 * Parses a JSON file that people write. Throws `invalid_input` that says where it is wrong, and for a key
 * that does not exist which one was probably meant.
 */
export function parseJsonFile<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  knownKeys: readonly string[],
): z.infer<Schema> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const hint = parsed.error.issues
    .map((issue) => hintFor(issue, knownKeys))
    .find((found) => found !== undefined);
  const message = parsed.error.issues.map(describe).join("; ");
  throw new AppError("invalid_input", message, hint === undefined ? {} : { hint });
}

function parseJson(text: string): unknown {
  try {
    // Editors on Windows may put a byte order mark in front.
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const where = error instanceof SyntaxError ? error.message : "";
    throw new AppError("invalid_input", `not valid JSON: ${where}`, {
      cause: error,
      hint: "JSON wants double quotes, and no comma after the last entry",
    });
  }
}

function describe(issue: z.core.$ZodIssue): string {
  const place = issue.path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("");
  if (issue.code === "unrecognized_keys")
    return `unknown ${issue.keys.length === 1 ? "key" : "keys"} ${issue.keys.map((key) => `"${key}"`).join(", ")}${place === "" ? "" : ` in ${place.slice(1)}`}`;
  return place === "" ? issue.message : `${place.replace(/^\./, "")}: ${issue.message}`;
}

function hintFor(issue: z.core.$ZodIssue, knownKeys: readonly string[]): string | undefined {
  if (issue.code !== "unrecognized_keys") return undefined;
  for (const key of issue.keys) {
    const hint = didYouMean(key, knownKeys);
    if (hint !== undefined) return hint;
  }
  return `Known keys: ${knownKeys.join(", ")}`;
}

import type * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { didYouMean } from "../../contract/nearest.ts";

/** The schema of each part of a request. */
type Parts = Partial<Record<string, z.ZodObject>>;

/** The `invalid_input` for a request that does not fit its route, naming every field that is wrong: `limit: Too big…; query: missing`. */
export function inputFault(error: z.ZodError, parts: Parts): AppError {
  const guess = error.issues.map((issue) => guessFor(issue, parts)).find((found) => found !== undefined);
  return new AppError("invalid_input", error.issues.map(faultOf).join("; "), {
    cause: error,
    ...(guess !== undefined && { hint: guess }),
  });
}

/** Without the part of the request that the field stands in. */
function faultOf(issue: z.core.$ZodIssue): string {
  const [part, ...field] = issue.path;
  const name = field.length === 0 ? String(part) : field.join(".");
  if (issue.code === "unrecognized_keys") return `${name}: there is no ${quoted(issue.keys)}`;
  // That is how the schema library says it, with no other sign.
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined"))
    return `${name}: missing`;
  return `${name}: ${issue.message}`;
}

function guessFor(issue: z.core.$ZodIssue, parts: Parts): string | undefined {
  if (issue.code !== "unrecognized_keys") return undefined;
  const known = Object.entries(parts).flatMap(([part, schema]) =>
    part === issue.path[0] ? Object.keys(schema?.shape ?? {}) : [],
  );
  return issue.keys.map((key) => didYouMean(key, known)).find((guess) => guess !== undefined);
}

function quoted(keys: readonly string[]): string {
  return keys.map((key) => `"${key}"`).join(", ");
}

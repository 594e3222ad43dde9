import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as z from "zod";

/** The rows of a corpus of hostile input, one JSON object per line. */
export function corpus<T>(name: string, row: z.ZodType<T>): T[] {
  const text = readFileSync(join(import.meta.dirname, "../fixtures/corpora", name), "utf8");
  const rows = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => row.parse(JSON.parse(line)));
  if (rows.length === 0) throw new Error(`the corpus ${name} is empty`);
  return rows;
}

import type { Edit } from "./edit.ts";
import { planJson, type JsonWant } from "./json-insert.ts";
import { withoutJson } from "./json-take-out.ts";
import { holdSame, valueOf } from "./json-value.ts";
import { parseJsonc } from "./jsonc.ts";

/** Ours in a JSON file. */
export function jsonEdit(wants: readonly JsonWant[]): Edit {
  return {
    kind: "json",
    plan: (text) => planJson(text, wants),
    withoutOurs: (text, made) => withoutJson(text, wants, made),
    agree: holdSame,
    isEmpty: (text) => isEmptyObject(text),
  };
}

function isEmptyObject(text: string): boolean {
  const { root, comments, faults } = parseJsonc(text);
  if (faults.length > 0 || comments.length > 0) return false;
  return root === undefined || JSON.stringify(valueOf(root)) === "{}";
}

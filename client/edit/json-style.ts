import type { Json, JsonContainer, JsonNode } from "./jsonc.ts";
import { isContainer } from "./json-value.ts";

const DEFAULT_UNIT = "  ";

/** How a text breaks its lines; "\n" where it has one line only. */
export function eolOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? "\n";
}

/** The blanks that the line of an offset begins with. */
export function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return /^\uFEFF?([ \t]*)/.exec(text.slice(start, offset))?.[1] ?? "";
}

/** By how much a text indents what stands in something else, as its first indented member shows. */
export function unitOf(text: string, root: JsonNode): string {
  const first = isContainer(root) ? root.members[0] : undefined;
  if (first === undefined || !text.slice(root.offset, first.offset).includes("\n")) return DEFAULT_UNIT;
  const unit = indentAt(text, first.offset).slice(indentAt(text, root.offset).length);
  return unit === "" ? DEFAULT_UNIT : unit;
}

/** True when a value stands on one line. */
export function isOneLine(text: string, { offset, length }: JsonNode): boolean {
  return !text.slice(offset, offset + length).includes("\n");
}

/** True when a text on one line has a blank behind its colons. */
export function isSpaced(text: string, root: JsonNode): boolean {
  const named = firstProperty(root);
  return named === undefined || /\s/.test(text[named.value.offset - 1] ?? "");
}

/** A value on lines of their own, all but the first indented. */
export function onLines(
  value: Json,
  { unit, indent, eol }: Record<"unit" | "indent" | "eol", string>,
): string {
  return JSON.stringify(value, null, unit).replaceAll("\n", `${eol}${indent}`);
}

/** A value on one line. */
export function onOneLine(value: Json, isSpaced: { isSpaced: boolean }): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const [comma, colon] = isSpaced.isSpaced ? [", ", ": "] : [",", ":"];
  if (Array.isArray(value)) return `[${value.map((element) => onOneLine(element, isSpaced)).join(comma)}]`;
  const properties = Object.entries(value).map(
    ([name, inner]) => `${JSON.stringify(name)}${colon}${onOneLine(inner, isSpaced)}`,
  );
  return `{${properties.join(comma)}}`;
}

function firstProperty(node: JsonNode): JsonContainer["members"][number] | undefined {
  if (!isContainer(node)) return undefined;
  const [first] = node.members;
  return first === undefined || first.name !== undefined ? first : firstProperty(first.value);
}
